// Trees: every construct once, shown in parentheses; limits; and that broken sources give one report for a mistake.
#include "tests/unit/syntax_world.h"

typedef struct {
    const char *source, *tree;
} Case;

static const Case cases[] = {
    {"func f() do\n"
     "    a + b * c ** d ** e - g\n"
     "end",
     "(FUNC f (BLOCK do (BINARY - (BINARY + (NAME a) (BINARY * (NAME b) (BINARY ** (NAME c) (BINARY ** (NAME d) (NAME "
     "e))))) (NAME g))))"},
    {"func f() do\n"
     "    a or b and not c == d\n"
     "end",
     "(FUNC f (BLOCK do (OR or (NAME a) (AND and (NAME b) (COMPARE == (NOT not (NAME c)) (NAME d))))))"},
    {"func f() do\n"
     "    -a ** b\n"
     "    -a as i64\n"
     "    a as f64 ** b\n"
     "end",
     "(FUNC f (BLOCK do (BINARY ** (NEG - (NAME a)) (NAME b)) (CAST as (NEG - (NAME a)) (TYPE_NAME i64 (NAME i64))) "
     "(BINARY ** (CAST as (NAME a) (TYPE_NAME f64 (NAME f64))) (NAME b))))"},
    {"func f() do\n"
     "    a | b ^ c & d << e\n"
     "    a & b == c\n"
     "end",
     "(FUNC f (BLOCK do (BINARY | (NAME a) (BINARY ^ (NAME b) (BINARY & (NAME c) (BINARY << (NAME d) (NAME e))))) "
     "(COMPARE == (BINARY & (NAME a) (NAME b)) (NAME c))))"},
    {"func f() do\n"
     "    0..n + 1\n"
     "    a..<b\n"
     "    xs[..]\n"
     "    xs[a..]\n"
     "    xs[..=b]\n"
     "end",
     "(FUNC f (BLOCK do (RANGE .. (INT 0) (BINARY + (NAME n) (INT 1))) (RANGE ..< (NAME a) (NAME b)) (INDEX [ (NAME "
     "xs) (arg RANGE ..)) (INDEX [ (NAME xs) (arg RANGE .. (NAME a))) (INDEX [ (NAME xs) (arg RANGE ..= (right NAME "
     "b)))))"},
    {"func f() do\n"
     "    a catch b catch c\n"
     "    a ?"
     "? b |> g catch 0\n"
     "end",
     "(FUNC f (BLOCK do (CATCH catch (CATCH catch (NAME a) (handler NAME b)) (handler NAME c)) (CATCH catch (PIPELINE "
     "|> (COALESCE ?"
     "? (NAME a) (NAME b)) (NAME g)) (handler INT 0))))"},
    {"func f() do\n"
     "    a |> g |> h(1)\n"
     "    a ?"
     "? b ?"
     "? c\n"
     "end",
     "(FUNC f (BLOCK do (PIPELINE |> (PIPELINE |> (NAME a) (NAME g)) (CALL ( (NAME h) (arg INT 1))) (COALESCE ?"
     "? (COALESCE ?"
     "? (NAME a) (NAME b)) (NAME c))))"},
    {"func f() do\n"
     "    let x = g() catch |err| do\n"
     "        fail E.V\n"
     "    end\n"
     "    g() catch do return end\n"
     "end",
     "(FUNC f (BLOCK do (LET let (PAT_BIND x) (CATCH catch binder=err (CALL ( (NAME g)) (handler BLOCK do (FAIL fail "
     "(FIELD V (NAME E)))))) (CATCH catch (CALL ( (NAME g)) (handler BLOCK do (RETURN return)))))"},
    {"func f() do\n"
     "    a.b?.c(d, mut e, k: 1)[i]?\n"
     "end",
     "(FUNC f (BLOCK do (TRY ? (INDEX [ (CALL ( (OPT_FIELD c (OPT_BASE ?. (FIELD b (NAME a)))) (arg NAME d) (arg "
     "ARG_MUT mut (NAME "
     "e)) (arg ARG_NAMED k (INT 1))) (arg NAME i)))))"},
    {"func f() do\n"
     "    max[i64](1, 2)\n"
     "    Map[String, i64].new()\n"
     "    Pair[i64, []T] { a: 1, b }\n"
     "    Channel(i64).new()\n"
     "    []i64\n"
     "    ptr_cast[i64, *u8](p)\n"
     "    xs[i]\n"
     "end",
     "(FUNC f (BLOCK do (CALL ( (INDEX [ (NAME max) (arg NAME i64)) (arg INT 1) (arg INT 2)) (CALL ( (FIELD new "
     "(TYPE_EXPR Map (TYPE_APPLY Map (TYPE_NAME Map (NAME Map)) (arg TYPE_NAME String (NAME String)) (arg TYPE_NAME "
     "i64 (NAME i64)))))) (STRUCT_LIT { (TYPE_APPLY Pair (TYPE_NAME Pair (NAME Pair)) (arg TYPE_NAME i64 (NAME i64)) "
     "(arg TYPE_LIST [ (TYPE_NAME T (NAME T)))) (FIELD_INIT a (INT 1)) (FIELD_INIT b (NAME b))) (CALL ( (FIELD new "
     "(CALL ( (NAME Channel) (arg NAME i64)))) (TYPE_EXPR [ (TYPE_LIST [ (TYPE_NAME i64 (NAME i64)))) (CALL ( (INDEX [ "
     "(NAME ptr_cast) (arg NAME i64) (arg TYPE_EXPR * (TYPE_POINTER * (TYPE_NAME u8 (NAME u8))))) (arg NAME p)) (INDEX "
     "[ (NAME xs) (arg NAME i))))"},
    {"func f() do\n"
     "    S { ..old, a: 1 }\n"
     "    m.S { a }\n"
     "    S {}\n"
     "    S {\n"
     "        a: 1\n"
     "        b: 2,\n"
     "    }\n"
     "end",
     "(FUNC f (BLOCK do (STRUCT_LIT { (TYPE_NAME S (NAME S)) (base NAME old) (FIELD_INIT a (INT 1))) (STRUCT_LIT { "
     "(TYPE_NAME S (NAME m) (NAME S)) (FIELD_INIT a (NAME a))) (STRUCT_LIT { (TYPE_NAME S (NAME S))) (STRUCT_LIT { "
     "(TYPE_NAME S (NAME S)) (FIELD_INIT a (INT 1)) (FIELD_INIT b (INT 2)))))"},
    {"func f() do\n"
     "    [1, 2,]\n"
     "    [0; 8]\n"
     "    [\"a\": 1, \"b\": 2]\n"
     "    [:]\n"
     "    []\n"
     "    (1, \"a\")\n"
     "    (1)\n"
     "    ()\n"
     "end",
     "(FUNC f (BLOCK do (LIST [ (INT 1) (INT 2)) (REPEAT [ (INT 0) (INT 8)) (MAP [ (MAP_ENTRY : (STRING \"a\") (INT "
     "1)) (MAP_ENTRY : (STRING \"b\") (INT 2))) (MAP [) (LIST [) (TUPLE ( (INT 1) (STRING \"a\")) (INT 1) (TUPLE ()))"},
    {"func f() do\n"
     "    |x| x + 1\n"
     "    |mut v, i: i64| v += i\n"
     "    || 3\n"
     "    func(x: i64) -> i64 do return x end\n"
     "    func() do end\n"
     "end",
     "(FUNC f (BLOCK do (CLOSURE | (PARAM x) (BINARY + (NAME x) (INT 1))) (CLOSURE | (PARAM v mut) (PARAM i (TYPE_NAME "
     "i64 (NAME i64))) (BLOCK v (ASSIGN += (NAME v) (NAME i)))) (CLOSURE | (INT 3)) (CLOSURE func (PARAM x (TYPE_NAME "
     "i64 (NAME i64))) (result TYPE_NAME i64 (NAME i64)) (BLOCK do (RETURN return (NAME x)))) (CLOSURE func (BLOCK "
     "do))))"},
    {"func f() do\n"
     "    if a do b else if c do d else e end\n"
     "    if let x = g() do x end\n"
     "end",
     "(FUNC f (BLOCK do (IF if (NAME a) (then BLOCK do (NAME b)) (else IF if (NAME c) (then BLOCK do (NAME d)) (else "
     "BLOCK else (NAME e)))) (IF if (COND_LET let (PAT_BIND x) (CALL ( (NAME g))) (then BLOCK do (NAME x)))))"},
    {"func f() do\n"
     "    outer: while a do\n"
     "        break outer\n"
     "        break x\n"
     "        continue outer\n"
     "        continue\n"
     "    end\n"
     "    let v = loop do break 3 end\n"
     "end",
     "(FUNC f (BLOCK do (WHILE while label=outer (NAME a) (BLOCK do (BREAK break label=outer) (BREAK break (NAME x)) "
     "(CONTINUE continue label=outer) (CONTINUE continue))) (LET let (PAT_BIND v) (LOOP loop (BLOCK do (BREAK break "
     "(INT 3)))))))"},
    {"func f() do\n"
     "    for x in xs do end\n"
     "    for i, mut x in xs do end\n"
     "    for (a, b) in 0..3 do end\n"
     "end",
     "(FUNC f (BLOCK do (FOR for (PAT_BIND x) (in NAME xs) (BLOCK do)) (FOR for (index PAT_BIND i) (PAT_BIND x mut) "
     "(in NAME xs) (BLOCK do)) (FOR for (PAT_TUPLE ( (PAT_BIND a) (PAT_BIND b)) (in RANGE .. (INT 0) (INT 3)) (BLOCK "
     "do))))"},
    {"func f() do\n"
     "    match x {\n"
     "        Foo => 1\n"
     "        E.V(y, _) => 2\n"
     "        S { a, b: 0, .. } => 3\n"
     "        (a, null) => 4\n"
     "        [first, ..rest] => 5\n"
     "        [..] => 6\n"
     "        \"s\" => 7\n"
     "        'a'..='z' => 8\n"
     "        true => do end\n"
     "        mut q => 9\n"
     "    }\n"
     "end",
     "(FUNC f (BLOCK do (MATCH match (NAME x) (ARM Foo (PAT_VALUE Foo (NAME Foo)) (INT 1)) (ARM E (PAT_VARIANT V "
     "(FIELD V (NAME E)) (arg PAT_BIND y) (arg PAT_WILD _)) (INT 2)) (ARM S (PAT_STRUCT S rest (TYPE_NAME S (NAME S)) "
     "(PAT_FIELD a (PAT_BIND a)) (PAT_FIELD b (PAT_VALUE 0 (INT 0)))) (INT 3)) (ARM ( (PAT_TUPLE ( (PAT_BIND a) "
     "(PAT_VALUE null (NULL null))) (INT 4)) (ARM [ (PAT_LIST [ (PAT_BIND first) (PAT_REST rest)) (INT 5)) (ARM [ "
     "(PAT_LIST [ (PAT_REST ..)) (INT 6)) (ARM \"s\" (PAT_VALUE \"s\" (STRING \"s\")) (INT 7)) (ARM 'a' (PAT_RANGE ..= "
     "(CHAR 'a') (CHAR 'z')) (INT 8)) (ARM true (PAT_VALUE true (TRUE true)) (BLOCK do)) (ARM mut (PAT_BIND q mut) "
     "(INT 9)))))"},
    {"func f() do\n"
     "    let (a, b) = p\n"
     "    let S { x, y: z } = p\n"
     "    let x: ?i64 = null\n"
     "    let v = g() else do return end\n"
     "    var n: i64 = 0\n"
     "    mut m = a.b\n"
     "end",
     "(FUNC f (BLOCK do (LET let (PAT_TUPLE ( (PAT_BIND a) (PAT_BIND b)) (NAME p)) (LET let (PAT_STRUCT S (TYPE_NAME S "
     "(NAME S)) (PAT_FIELD x (PAT_BIND x)) (PAT_FIELD y (PAT_BIND z))) (NAME p)) (LET let (PAT_BIND x) (type "
     "TYPE_OPTIONAL ? (TYPE_NAME i64 (NAME i64))) (NULL null)) (LET let (PAT_BIND v) (CALL ( (NAME g)) (else BLOCK do "
     "(RETURN return))) (VAR var mut (PAT_BIND n) (type TYPE_NAME i64 (NAME i64)) (INT 0)) (MUT_BIND mut mut (PAT_BIND "
     "m) (FIELD b (NAME a)))))"},
    {"func f() do\n"
     "    return when a\n"
     "    return b when c\n"
     "    x += 1 when y\n"
     "    defer g()\n"
     "    errdefer do g() end\n"
     "end",
     "(FUNC f (BLOCK do (WHEN when (RETURN return) (NAME a)) (WHEN when (RETURN return (NAME b)) (NAME c)) (WHEN when "
     "(ASSIGN += (NAME x) (INT 1)) (NAME y)) (DEFER defer (CALL ( (NAME g))) (ERRDEFER errdefer (BLOCK do (CALL ( "
     "(NAME g))))))"},
    {"func f() do\n"
     "    a = b\n"
     "    a.b[0] ++= c\n"
     "end",
     "(FUNC f (BLOCK do (ASSIGN = (NAME a) (NAME b)) (ASSIGN ++= (INDEX [ (FIELD b (NAME a)) (arg INT 0)) (NAME c))))"},
    {"pub func g[T: A + B, U](x: T, mut y: []U, own z: ?U = null) -> !T where U: C {. inline, effects: fs.read .} do\n"
     "end",
     "(FUNC g pub (TYPE_PARAM T (TYPE_NAME A (NAME A)) (TYPE_NAME B (NAME B))) (TYPE_PARAM U) (PARAM x (TYPE_NAME T "
     "(NAME T))) (PARAM y mut (TYPE_LIST [ (TYPE_NAME U (NAME U)))) (PARAM z own (TYPE_OPTIONAL ? (TYPE_NAME U (NAME "
     "U))) (default NULL null)) (result TYPE_RESULT ! (right TYPE_NAME T (NAME T))) (where TYPE_PARAM U (TYPE_NAME C "
     "(NAME C))) (ATTRS {. (ATTR inline) (ATTR effects (FIELD read (NAME fs)))) (BLOCK do))"},
    {"func g() ![]String do\n"
     "end",
     "(FUNC g (result TYPE_RESULT ! (right TYPE_LIST [ (TYPE_NAME String (NAME String)))) (BLOCK do))"},
    {"func g(self, mut self, own self)", "(FUNC g (PARAM self) (PARAM self mut) (PARAM self own))"},
    {"func g(f: func(A, mut B, x: C) -> D, h: mut func(), k: own func(i64) -> ?let V, d: dyn T, p: *u8, q: [3]i64, r: "
     "(A, B), t: type) -> E!T do\n"
     "end",
     "(FUNC g (PARAM f (TYPE_FUNC func (PARAM A (TYPE_NAME A (NAME A))) (PARAM mut mut (TYPE_NAME B (NAME B))) (PARAM "
     "x (TYPE_NAME C (NAME C))) (result TYPE_NAME D (NAME D)))) (PARAM h (TYPE_FUNC func mut)) (PARAM k (TYPE_FUNC "
     "func own (PARAM i64 (TYPE_NAME i64 (NAME i64))) (result TYPE_OPTIONAL ? (TYPE_LET let (TYPE_NAME V (NAME V)))))) "
     "(PARAM d (TYPE_DYN dyn (TYPE_NAME T (NAME T)))) (PARAM p (TYPE_POINTER * (TYPE_NAME u8 (NAME u8)))) (PARAM q "
     "(TYPE_ARRAY [ (INT 3) (TYPE_NAME i64 (NAME i64)))) (PARAM r (TYPE_TUPLE ( (TYPE_NAME A (NAME A)) (TYPE_NAME B "
     "(NAME B)))) (PARAM t (TYPE_TYPE type)) (result TYPE_RESULT ! (TYPE_NAME E (NAME E)) (TYPE_NAME T (NAME T))) "
     "(BLOCK do))"},
    {"struct P[T] derive(Ord, Json) {. view .} {\n"
     "    pub a: i64 = 3\n"
     "    end: T, b: i64\n"
     "}",
     "(STRUCT P (TYPE_PARAM T) (derive NAME Ord) (derive NAME Json) (ATTRS {. (ATTR view)) (FIELD_DECL a pub "
     "(TYPE_NAME i64 (NAME i64)) (default INT 3)) (FIELD_DECL end (TYPE_NAME T (NAME T))) (FIELD_DECL b (TYPE_NAME i64 "
     "(NAME i64))))"},
    {"enum E { A, B(i64, String), C { x: i64 }, }\n"
     "error U { X }\n"
     "error V = U | std.W",
     "(ENUM E (VARIANT_DECL A) (VARIANT_DECL B tuple (FIELD_DECL i64 pub (TYPE_NAME i64 (NAME i64))) (FIELD_DECL "
     "String pub (TYPE_NAME String (NAME String)))) (VARIANT_DECL C (FIELD_DECL x (TYPE_NAME i64 (NAME i64))))) (ERROR "
     "U (VARIANT_DECL X)) (ERROR_UNION V (TYPE_NAME U (NAME U)) (TYPE_NAME W (NAME std) (NAME W)))"},
    {"trait T: A + B do\n"
     "    type Item\n"
     "    func f(self) -> A\n"
     "    func g(self) do\n"
     "    end\n"
     "end",
     "(TRAIT T (super TYPE_NAME A (NAME A)) (super TYPE_NAME B (NAME B)) (ASSOC_TYPE Item) (FUNC f (PARAM self) "
     "(result TYPE_NAME A (NAME A))) (FUNC g (PARAM self) (BLOCK do)))"},
    {"trait T { type Item; func f(self) -> A; func g(self) do 1 end }",
     "(TRAIT T (ASSOC_TYPE Item) (FUNC f (PARAM self) (result TYPE_NAME A (NAME A))) (FUNC g (PARAM self) (BLOCK do "
     "(INT 1))))"},
    {"impl[T: B] Tr for Stack[T] where T: C do\n"
     "    type Item = T\n"
     "    pub func f(self) do\n"
     "    end\n"
     "end\n"
     "impl ?T { func g() do end }",
     "(IMPL impl (TYPE_PARAM T (TYPE_NAME B (NAME B))) (trait TYPE_NAME Tr (NAME Tr)) (self TYPE_APPLY Stack "
     "(TYPE_NAME Stack (NAME Stack)) (arg TYPE_NAME T (NAME T))) (where TYPE_PARAM T (TYPE_NAME C (NAME C))) "
     "(ASSOC_TYPE Item (TYPE_NAME T (NAME T))) (FUNC f pub (PARAM self) (BLOCK do))) (IMPL impl (self TYPE_OPTIONAL ? "
     "(TYPE_NAME T (NAME T))) (FUNC g (BLOCK do)))"},
    {"import a.b.c as d\n"
     "pub import x\n"
     "pub const N: i64 = 3\n"
     "test \"name\" do\n"
     "end\n"
     "{. profile: service .}",
     "(IMPORT import as=d (NAME a) (NAME b) (NAME c)) (IMPORT import pub (NAME x)) (CONST N pub (type TYPE_NAME i64 "
     "(NAME i64)) (INT 3)) (TEST \"name\" (BLOCK do)) (ATTRS {. (ATTR profile (NAME service)))"},
    {"/// one\n"
     "/// two\n"
     "func f() do\n"
     "end",
     "(FUNC f (BLOCK do))"},
    {"func f() do\n"
     "    nursery(timeout: 5s) |n| do\n"
     "        n.spawn(func() do\n"
     "            g()\n"
     "        end)\n"
     "    end catch |e| do\n"
     "    end\n"
     "    select do recv a |v| do g(v) end  recv b do end  send c, 3 do end  closed d do end  after 50ms do end  "
     "default do end end\n"
     "    shield(2s) do\n"
     "    end\n"
     "    using arena do\n"
     "    end\n"
     "    select.x()\n"
     "end",
     "(FUNC f (BLOCK do (CATCH catch binder=e (NURSERY nursery binder=n (ARG_NAMED timeout (DURATION 5s)) (BLOCK do "
     "(CALL ( (FIELD spawn (NAME n)) (arg CLOSURE func (BLOCK do (CALL ( (NAME g))))))) (handler BLOCK do)) (SELECT "
     "select (SELECT_ARM recv binder=v (NAME a) (BLOCK do (CALL ( (NAME g) (arg NAME v)))) (SELECT_ARM recv (NAME b) "
     "(BLOCK do)) (SELECT_ARM send (NAME c) (value INT 3) (BLOCK do)) (SELECT_ARM closed (NAME d) (BLOCK do)) "
     "(SELECT_ARM after (DURATION 50ms) (BLOCK do)) (SELECT_ARM default (BLOCK do))) (SHIELD shield (DURATION 2s) "
     "(BLOCK do)) (USING using (NAME arena) (BLOCK do)) (CALL ( (FIELD x (NAME select)))))"},
    {"func f() do\n"
     "    $\"a{x + 1:>5}{{b}}{y}\"\n"
     "end",
     "(FUNC f (BLOCK do (INTERP $\" (text \"a\") (BINARY + (NAME x) (INT 1)) (text \"{b}\") (NAME y))))"},
    {"func f() do\n"
     "    g(func() do\n"
     "        let a = 1\n"
     "        let b = 2\n"
     "    end, [\n"
     "        1,\n"
     "        2\n"
     "    ])\n"
     "    a\n"
     "        .b()\n"
     "        .c()\n"
     "    |> d\n"
     "end",
     "(FUNC f (BLOCK do (CALL ( (NAME g) (arg CLOSURE func (BLOCK do (LET let (PAT_BIND a) (INT 1)) (LET let (PAT_BIND "
     "b) (INT 2)))) (arg LIST [ (INT 1) (INT 2))) (PIPELINE |> (CALL ( (FIELD c (CALL ( (FIELD b (NAME a))))) (NAME "
     "d))))"},
    {"func f() do return 1 end", "(FUNC f (BLOCK do (RETURN return (INT 1))))"},
    {"func f() do\n"
     "    if x == (S { a: 1 }) do end\n"
     "    while g(S { a: 1 }) do end\n"
     "    match x { A => S { a: 1 } }\n"
     "end",
     "(FUNC f (BLOCK do (IF if (COMPARE == (NAME x) (STRUCT_LIT { (TYPE_NAME S (NAME S)) (FIELD_INIT a (INT 1)))) "
     "(then BLOCK do)) (WHILE while (CALL ( (NAME g) (arg STRUCT_LIT { (TYPE_NAME S (NAME S)) (FIELD_INIT a (INT 1)))) "
     "(BLOCK do)) (MATCH match (NAME x) (ARM A (PAT_VALUE A (NAME A)) (STRUCT_LIT { (TYPE_NAME S (NAME S)) (FIELD_INIT "
     "a (INT 1)))))))"},
    {"func f() do\n"
     "    let x = if a do 1 else 2 end\n"
     "    let y = match a { 1 => 2, _ => 3 } + 1\n"
     "    let z = do 3 end\n"
     "    return if n < 10 do \"small\" else \"large\" end\n"
     "end",
     "(FUNC f (BLOCK do (LET let (PAT_BIND x) (IF if (NAME a) (then BLOCK do (INT 1)) (else BLOCK else (INT 2)))) (LET "
     "let (PAT_BIND y) (BINARY + (MATCH match (NAME a) (ARM 1 (PAT_VALUE 1 (INT 1)) (INT 2)) (ARM _ (PAT_WILD _) (INT "
     "3))) (INT 1))) (LET let (PAT_BIND z) (BLOCK do (INT 3))) (RETURN return (IF if (COMPARE < (NAME n) (INT 10)) "
     "(then BLOCK do (STRING \"small\")) (else BLOCK else (STRING \"large\"))))))"},
    {"func f() do\n"
     "    t.0.1\n"
     "    x.match(in: 3)\n"
     "    a.b.C.d\n"
     "    5s + 'c' + b\"x\" + 1.5\n"
     "    not not a\n"
     "    ~a\n"
     "end",
     "(FUNC f (BLOCK do (FIELD 1 (FIELD 0 (NAME t))) (CALL ( (FIELD match (NAME x)) (arg ARG_NAMED in (INT 3))) (FIELD "
     "d (FIELD C (FIELD b (NAME a)))) (BINARY + (BINARY + (BINARY + (DURATION 5s) (CHAR 'c')) (BYTES b\"x\")) (FLOAT "
     "1.5)) (NOT not (NOT not (NAME a))) (BIT_NOT ~ (NAME a))))"},
};

typedef struct {
    const char *name, *source, *reports;
} Broken;

static const Broken broken[] = {
    {"missing end indented",
     "func a() do\n"
     "    if x do\n"
     "        foo()\n"
     "    bar()\n"
     "end\n"
     "\n"
     "func b() do\n"
     "    baz()\n"
     "end",
     "E0115@2:10"},
    {"missing end flat",
     "func a() do\n"
     "if x do\n"
     "foo()\n"
     "end\n"
     "\n"
     "func b() do\n"
     "baz()\n"
     "end",
     "E0115@1:10"},
    {"surplus end",
     "func a() do\n"
     "    if x do\n"
     "        foo()\n"
     "    end\n"
     "    end\n"
     "    bar()\n"
     "end\n"
     "\n"
     "func b() do\n"
     "end",
     "E0116@5:5"},
    {"else if surplus",
     "func a() do\n"
     "    if x do\n"
     "        foo()\n"
     "    else if y do\n"
     "        bar()\n"
     "    end\n"
     "    end\n"
     "end\n"
     "func b() do\n"
     "end",
     "E0116@7:5"},
    {"elif",
     "func a() do\n"
     "    if x do\n"
     "        foo()\n"
     "    elif y do\n"
     "        bar()\n"
     "    else\n"
     "        baz()\n"
     "    end\n"
     "end",
     "E0123@4:5"},
    {"braces",
     "func a() {\n"
     "    if x {\n"
     "        foo()\n"
     "    } else if y {\n"
     "        bar()\n"
     "    } else {\n"
     "        baz()\n"
     "    }\n"
     "    while x { foo() }\n"
     "}",
     "E0117@1:10 E0117@2:10 E0117@4:17 E0117@6:12 E0117@9:13"},
    {"missing do",
     "func a()\n"
     "    let x = 1\n"
     "    if x == 1\n"
     "        foo()\n"
     "    end\n"
     "    while x\n"
     "        foo()\n"
     "    end\n"
     "    for i in 0..3\n"
     "        foo()\n"
     "    end\n"
     "end",
     "E0117@1:9 E0117@3:14 E0117@6:12 E0117@9:18"},
    {"eq in cond",
     "func a() do\n"
     "    if x = 3 do\n"
     "        foo()\n"
     "    end\n"
     "end",
     "E0121@2:10"},
    {"ops",
     "func a() do\n"
     "    if x && y || !z do\n"
     "        x++\n"
     "        y--\n"
     "        foo()\n"
     "    end\n"
     "    let q := 3\n"
     "    r := 4\n"
     "    if a === b do\n"
     "    end\n"
     "end",
     "E0122@2:10 E0122@2:15 E0122@2:18 E0122@3:10 E0122@4:10 E0122@7:11 E0122@8:7 E0122@9:10"},
    {"semicolons",
     "func a() do\n"
     "    let x = 1;\n"
     "    foo(); bar();\n"
     "end;",
     "E0118@2:14 E0118@3:10 E0118@3:17 E0118@4:4"},
    {"fn",
     "fn a(x: i64) -> i64 do\n"
     "    return x\n"
     "end\n"
     "def b(x) do\n"
     "end",
     "E0123@1:1 E0123@4:1 E0110@4:7"},
    {"chained",
     "func a() do\n"
     "    if 1 < x < 3 do\n"
     "    end\n"
     "    let r = 0..3..4\n"
     "end",
     "E0119@2:14 E0119@4:17"},
    {"unclosed paren",
     "func a() do\n"
     "    foo(1, 2\n"
     "    let y = 3\n"
     "    bar(y)\n"
     "end",
     "E0124@2:8"},
    {"unclosed bracket",
     "func a() do\n"
     "    let xs = [1, 2, 3\n"
     "    bar(xs)\n"
     "end",
     "E0124@2:14"},
    {"unclosed paren 2",
     "func a() do\n"
     "    if foo(1, 2 do\n"
     "        bar()\n"
     "    end\n"
     "end",
     "E0124@2:11"},
    {"unclosed brace",
     "struct S {\n"
     "    a: i64,\n"
     "    b: i64,\n"
     "\n"
     "func f() do\n"
     "end",
     "E0124@1:10"},
    {"stray",
     "func a() do\n"
     "    foo())\n"
     "    bar(]\n"
     "    x = }\n"
     "end\n"
     "func b() do\n"
     "end",
     "E0125@2:10 E0111@3:9 E0111@4:9"},
    {"two on a line",
     "func a() do\n"
     "    foo() bar()\n"
     "    print \"x\"\n"
     "    switch x\n"
     "    throw Foo\n"
     "    int x = 5\n"
     "end",
     "E0118@2:11 E0118@3:11 E0123@4:5 E0123@5:5 E0123@6:5"},
    {"empty parens head",
     "func a() do\n"
     "    while do\n"
     "    end\n"
     "    for in xs do\n"
     "    end\n"
     "    if do\n"
     "    end\n"
     "    match { }\n"
     "    let = 3\n"
     "    let x\n"
     "    var y: i64\n"
     "    let mut z = 3\n"
     "    return foo(,)\n"
     "end",
     "E0111@2:11 E0113@4:9 E0111@6:8 E0111@8:11 E0113@9:9 E0129@10:5 E0129@12:5 E0111@13:16"},
    {"nested decl",
     "func a() do\n"
     "    func helper(x: i64) do\n"
     "        foo()\n"
     "    end\n"
     "    struct S { a: i64 }\n"
     "    const n = 3\n"
     "    helper(3)\n"
     "end\n"
     "func b() do\n"
     "end",
     "E0126@2:5 E0126@5:5 E0126@6:5"},
    {"toplevel statements",
     "let x = 3\n"
     "println(\"hi\")\n"
     "func b() do\n"
     "end\n"
     "x = 4",
     "E0127@1:1 E0127@5:1"},
    {"struct head",
     "func a() do\n"
     "    if p == Point { x: 1, y: 2 } do\n"
     "        foo()\n"
     "    end\n"
     "    for q in [1] do\n"
     "    end\n"
     "end",
     "E0128@2:13"},
    {"match errors",
     "func a() do\n"
     "    match x {\n"
     "        1 -> foo()\n"
     "        2: bar()\n"
     "        3 => x = 4\n"
     "        4 if y => baz()\n"
     "        5 => do\n"
     "            foo()\n"
     "        end,\n"
     "        6 => foo() bar()\n"
     "        Foo(x y) => 3\n"
     "        7 => \n"
     "    }\n"
     "    match x do\n"
     "        1 => 2\n"
     "    end\n"
     "end",
     "E0110@3:11 E0110@4:10 E0121@5:16 E0110@6:11 E0110@10:20 E0110@11:15 E0111@12:11 E0117@14:13"},
    {"refs",
     "func a(&self, x: &i64, y: &mut String) do\n"
     "    foo(&x, &mut y, own z)\n"
     "    *p = 3\n"
     "end",
     "E0132@1:8 E0132@1:18 E0132@1:27 E0132@2:9 E0132@2:13 E0132@2:21 E0132@3:5"},
    {"params",
     "func a(x i64, y) -> do\n"
     "end\n"
     "func b(x: ) do\n"
     "end\n"
     "func c x: i64 do\n"
     "    foo()\n"
     "end\n"
     "func d(x: i64): String do\n"
     "end\n"
     "func e<T>(x: T) do\n"
     "end\n"
     "func (x: i64) do\n"
     "end",
     "E0110@1:10 E0110@1:15 E0112@1:21 E0112@3:11 E0110@5:8 E0110@8:15 E0110@10:7 E0114@12:6"},
    {"keywords as names",
     "func end() do\n"
     "end\n"
     "func b() do\n"
     "    let match = 3\n"
     "    let x = match\n"
     "    foo.match(in: 3, end: x)\n"
     "end",
     "E0114@1:6 E0113@4:9 E0111@5:18"},
    {"shapes",
     "struct P {\n"
     "    x: i64;\n"
     "    let y: i64\n"
     "    func f(self) do\n"
     "    end\n"
     "    z i64\n"
     "}\n"
     "enum E {\n"
     "    case A,\n"
     "    B = 3,\n"
     "    C(x: i64),\n"
     "    D { y: i64 }\n"
     "}\n"
     "struct Q do\n"
     "    x: i64\n"
     "end",
     "E0118@2:11 E0133@3:5 E0131@4:5 E0110@6:7 E0123@9:5 E0133@10:7 E0133@11:7 E0117@14:10"},
    {"bad tokens",
     "func a() do\n"
     "    let x = 5 # comment\n"
     "    let y = “hello”\n"
     "    let z = 'abc'\n"
     "    let w = \"abc\n"
     "    let größe = 3\n"
     "    let v = 0xZZ + 1_ + 0b12 + 12abc + 3i64 + 1.5s + 007\n"
     "    let u = \"\\q \\x80 \\u{D800} \\u12\"\n"
     "    let t = ''\n"
     "    let s = 'a\n"
     "    let r = $\"abc {x\"\n"
     "    let q = $\"abc {} } {y:>3}\"\n"
     "    let p = 1 ? 2 : 3\n"
     "    let o = a.b!\n"
     "    let n = @foo\n"
     "    let m = foo.\n"
     "    let l = 1.\n"
     "    let k = `a`\n"
     "end",
     "E0102@2:15 E0102@3:13 E0106@4:13 E0104@5:13 E0102@6:9 E0107@7:15 E0107@7:20 E0107@7:28 E0107@7:34 E0107@7:41 "
     "E0107@7:47 E0107@7:54 E0105@8:14 E0105@8:17 E0105@8:22 E0105@8:31 E0106@9:13 E0106@10:13 E0108@11:19 E0108@12:19 "
     "E0108@12:22 E0118@13:17 E0122@14:16 E0111@15:13 E0114@16:17 E0114@17:15 E0102@18:13 E0102@18:15"},
    {"lambda",
     "func a() do\n"
     "    let f = (x) => x + 1\n"
     "    let g = x -> x + 1\n"
     "    xs.map(func(x) do return x)\n"
     "    xs.map(|x x + 1)\n"
     "    xs.map(|x| do\n"
     "        foo()\n"
     "    )\n"
     "end",
     "E0123@2:13 E0123@3:13 E0115@4:20 E0110@5:15 E0115@6:16"},
    {"brace end mix",
     "func a() do\n"
     "    if x do\n"
     "        foo()\n"
     "    }\n"
     "end\n"
     "func b() do\n"
     "    bar()\n"
     "}\n"
     "func c() do\n"
     "end",
     "E0115@2:10 E0115@6:10"},
    {"try forms",
     "func a() do\n"
     "    try foo()\n"
     "    let x = foo() catch |e| \n"
     "    let y = foo() catch |e do\n"
     "        3\n"
     "    end\n"
     "    do\n"
     "        foo()\n"
     "    end catch |e| do\n"
     "    end\n"
     "    unless x do\n"
     "    end\n"
     "    for (int i = 0; i < 3; i++) do\n"
     "    end\n"
     "    let z: = 3\n"
     "    x + \n"
     "end",
     "E0123@2:5 E0111@3:27 E0123@11:5 E0123@13:9 E0122@15:10 E0111@16:7"},
};

static void test_trees(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Parsed w = parse_text(cases[i].source);
        assert_string_equal(shown_reports(&w), "");
        assert_string_equal(shown_tree(&w), cases[i].tree);
        parsed_free(&w);
    }
}

static void test_reports(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        Parsed w = parse_text(broken[i].source);
        if (strcmp(shown_reports(&w), broken[i].reports) != 0)
            print_message("in case \"%s\":\n", broken[i].name);
        assert_string_equal(shown_reports(&w), broken[i].reports);
        parsed_free(&w);
    }
}

// `before`, then `part` so many times, then `after`.
static Parsed parse_repeated(const char *before, const char *part, uint32_t count, const char *after) {
    Buffer source = {0};
    buffer_cstr(&source, before);
    for (uint32_t i = 0; i < count; i++)
        buffer_cstr(&source, part);
    buffer_cstr(&source, after);
    Parsed w = parse_bytes(source.items, source.count);
    vec_free(&source);
    return w;
}

static void test_limits(void **state) {
    (void)state;
    static const struct {
        const char *before, *part, *after;
    } deep[] = {
        {"func f() do\n    let x = ", "(", "1\nend\n"},
        {"func f() do\n    let x = ", "-", "1\nend\n"},
        {"func f() do\n    let x = ", "1 + ", "1\nend\n"},
        {"func f() do\n    let x = ", "2 ** ", "1\nend\n"},
        {"func f() do\n    let x = a", ".b()", "\nend\n"},
        {"func f() do\n    let x = ", "[1, ", "\nend\n"},
        {"func f() do\n    let x = ", "S { a: ", "\nend\n"},
        {"func f() do\n    let x = ", "|x| ", "x\nend\n"},
        {"func f() do\n    let x = ", "func() do ", "\nend\n"},
        {"func f() do\n    let x = ", "return ", "x\nend\n"},
        {"func f() do\n", "    if a do\n", "end\n"},
        {"func f() do\n    if a do\n", "    else if a do\n", "    end\nend\n"},
        {"func f() do\n    ", "defer ", "g()\nend\n"},
        {"func f() do\n    let ", "n @ ", "x = 2\nend\n"},
        {"func f() do\n    match x { ", "(", "a => 1 }\nend\n"},
        {"func f(x: ", "[]", "i64) do\nend\n"},
        {"func f(x: ", "E!", "i64) do\nend\n"},
        {"func f(x: ", "func() -> ", "i64) do\nend\n"},
        {"func f() do\n    let x = ", "A[", "\nend\n"},
        {"func f() do\n    let x = ", "A[[[", "\nend\n"}, // types or an index? Each is looked at once
        {"func f() do\n    let x = ", "A[[[x, ", "\nend\n"},
    };
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        Parsed w = parse_repeated(deep[i].before, deep[i].part, 20000, deep[i].after);
        assert_int_equal(diags_error_count(w.diags), 1);
        assert_non_null(strstr(shown_reports(&w), "E0120"));
        parsed_free(&w);
    }
}

// What people write is far from the limits.
static void test_below_limits(void **state) {
    (void)state;
    static const char end[] = "\nend\n";
    Parsed w = parse_repeated("func f() do\n    let x = 1", " + 1", 900, end);
    assert_int_equal(diags_error_count(w.diags), 0);
    parsed_free(&w);
    w = parse_repeated("func f() do\n    if a do\n", "    else if a do\n", 900, "    end\nend\n");
    assert_int_equal(diags_error_count(w.diags), 0);
    parsed_free(&w);
    w = parse_repeated("func f() do\n", "if a do ", 200, "");
    assert_string_equal(shown_reports(&w), "E0115@2:1598");
    parsed_free(&w);
}

static void test_corpus(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text *names, content;
    uint32_t count = 0;
    assert_true(os_list_folder(arena, "tests/fuzz/corpus", &names, &count).ok);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "tests/fuzz/corpus/%.*s", TEXT_ARG(names[i])).data;
        assert_true(os_read_file(arena, path, 1u << 20, &content).ok);
        Parsed w = parse_bytes(content.data, content.size); // checks the tree
        parsed_free(&w);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),        cmocka_unit_test(test_reports), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_below_limits), cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}
