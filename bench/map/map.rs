// The peer of map.jan: Rust's HashMap. Texts are shared, as those of Janus are.
use std::collections::HashMap;
use std::rc::Rc;

fn cpu_seconds() -> f64 {
    let mut t = Timespec { sec: 0, nsec: 0 };
    unsafe { clock_gettime(2, &mut t) };
    t.sec as f64 + t.nsec as f64 * 1e-9
}

#[repr(C)]
struct Timespec {
    sec: i64,
    nsec: i64,
}

extern "C" {
    fn clock_gettime(id: i32, t: *mut Timespec) -> i32;
}

fn key_of(i: i64) -> i64 {
    let x = i.wrapping_mul(0x1e37_79b9_7f4a_7c15);
    x ^ ((x >> 29) & 0x7_ffff_ffff)
}

fn report(name: &str, start: f64) {
    println!("TIME {} {:.6}", name, cpu_seconds() - start);
}

fn numbers(n: i64) -> i64 {
    let start = cpu_seconds();
    let mut map: HashMap<i64, i64> = HashMap::new();
    for i in 0..n {
        map.insert(key_of(i), i);
    }
    report("i64-insert", start);
    let mut sum = 0i64;
    let hits = cpu_seconds();
    let mut at = 0;
    for _ in 0..n {
        at = (at + 7_368_787) % n;
        sum = sum.wrapping_add(*map.get(&key_of(at)).unwrap());
    }
    report("i64-hit", hits);
    let misses = cpu_seconds();
    for i in n..2 * n {
        if map.contains_key(&key_of(i)) {
            sum += 1;
        }
    }
    report("i64-miss", misses);
    sum
}

fn texts(n: i64) -> i64 {
    let mut keys: Vec<Rc<str>> = Vec::with_capacity(n as usize);
    let mut others: Vec<Rc<str>> = Vec::with_capacity(n as usize);
    for i in 0..n {
        keys.push(format!("key:{}:{}", key_of(i) & 0xff_ffff_ffff, i).into());
        others.push(format!("key:{}:{}", key_of(i) & 0xff_ffff_ffff, i + n).into());
    }
    let start = cpu_seconds();
    let mut map: HashMap<Rc<str>, i64> = HashMap::new();
    for i in 0..n {
        map.insert(keys[i as usize].clone(), i);
    }
    report("text-insert", start);
    let mut sum = 0i64;
    let hits = cpu_seconds();
    let mut at = 0;
    for _ in 0..n {
        at = (at + 7_368_787) % n;
        sum = sum.wrapping_add(*map.get(&keys[at as usize]).unwrap());
    }
    report("text-hit", hits);
    let misses = cpu_seconds();
    for other in &others {
        if map.contains_key(other) {
            sum += 1;
        }
    }
    report("text-miss", misses);
    sum
}

const FEW: i64 = 1024;

fn few_numbers(n: i64) -> i64 {
    let mut map: HashMap<i64, i64> = HashMap::new();
    for i in 0..FEW {
        map.insert(key_of(i), i);
    }
    let mut sum = 0i64;
    let hits = cpu_seconds();
    for i in 0..n {
        sum = sum.wrapping_add(*map.get(&key_of((i * 7) % FEW)).unwrap_or(&0));
    }
    report("few-i64-hit", hits);
    let misses = cpu_seconds();
    for i in n..2 * n {
        if map.contains_key(&key_of(i)) {
            sum += 1;
        }
    }
    report("few-i64-miss", misses);
    let changes = cpu_seconds();
    for i in 0..n {
        if map.remove(&key_of(i)).is_some() {
            sum += 1;
        }
        map.insert(key_of(i + FEW), i);
    }
    report("few-i64-change", changes);
    sum + map.len() as i64
}

fn few_texts(n: i64) -> i64 {
    let mut keys: Vec<Rc<str>> = Vec::new();
    let mut others: Vec<Rc<str>> = Vec::new();
    for i in 0..2 * FEW {
        keys.push(format!("key:{}:{}", key_of(i) & 0xff_ffff_ffff, i).into());
        others.push(format!("key:{}:{}", key_of(i) & 0xff_ffff_ffff, i).into());
    }
    let mut map: HashMap<Rc<str>, i64> = HashMap::new();
    for i in 0..FEW {
        map.insert(keys[i as usize].clone(), i);
    }
    let mut sum = 0i64;
    let hits = cpu_seconds();
    for i in 0..n {
        sum = sum.wrapping_add(*map.get(&others[((i * 7) % FEW) as usize]).unwrap_or(&0));
    }
    report("few-text-hit", hits);
    let misses = cpu_seconds();
    for i in 0..n {
        if map.contains_key(&others[(FEW + (i * 7) % FEW) as usize]) {
            sum += 1;
        }
    }
    report("few-text-miss", misses);
    let changes = cpu_seconds();
    for i in 0..n {
        if map.remove(&others[(i % (2 * FEW)) as usize]).is_some() {
            sum += 1;
        }
        map.insert(keys[((i + FEW) % (2 * FEW)) as usize].clone(), i);
    }
    report("few-text-change", changes);
    sum + map.len() as i64
}

fn main() {
    let n = std::env::args().nth(1).map_or(10_000_000, |s| s.parse().unwrap());
    let many = numbers(n).wrapping_mul(3).wrapping_add(texts(n));
    println!("CHECK {}", many.wrapping_add(few_numbers(n)).wrapping_add(few_texts(n)));
}
