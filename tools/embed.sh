#!/bin/sh
# Prints assembly that carries files inside a program: embed.sh NAME=PATH ...
# The table is read by src/base/embed.c: name, data, size; a zero name ends it.
set -eu
printf '// Made by tools/embed.sh.\n.section .rodata.embedded, "a", @progbits\n'
index=0
for entry in "$@"; do
    printf '.Lname%d: .asciz "%s"\n.balign 16\n.Ldata%d: .incbin "%s"\n.Lend%d: .byte 0\n' \
        $index "${entry%%=*}" $index "${entry#*=}" $index
    index=$((index + 1))
done
printf '.section .data.rel.ro.embedded, "aw", @progbits\n.balign 8\n.globl embedded_table\nembedded_table:\n'
count=$index
index=0
while [ $index -lt $count ]; do
    printf '.quad .Lname%d, .Ldata%d, .Lend%d - .Ldata%d\n' $index $index $index $index
    index=$((index + 1))
done
printf '.quad 0, 0, 0\n.section .note.GNU-stack, "", @progbits\n'
