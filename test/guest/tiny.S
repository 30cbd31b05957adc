// build: -O1 -nostdlib
// The smallest program: write, then exit. No C library.
        .text
        .globl  _start
_start: mov     x0, #1
        adr     x1, text
        mov     x2, #6
        mov     x8, #64
        svc     #0
        mov     x0, #5
        mov     x8, #93
        svc     #0
text:   .ascii  "hello\n"
