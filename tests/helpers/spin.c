/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spin_run() in assembler: nothing else may use a register meanwhile.  While it
 * spins the stack holds the loop count at (%rsp), the address of out above it,
 * and the red zone below.
 */
#define _GNU_SOURCE 1
#include "spin.h"

enum { LEVEL_SSE, LEVEL_AVX, LEVEL_AVX512 };

/* Read by the code below. */
__attribute__((used, visibility("hidden"))) int spin_level;

__attribute__((constructor)) static void level_find(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512bw"))
		spin_level = LEVEL_AVX512;
	else if (__builtin_cpu_supports("avx"))
		spin_level = LEVEL_AVX;
}

size_t spin_vector_bytes(void)
{
	static const size_t bytes[] = { 16 * 16, 16 * 32, 32 * 64 };

	return bytes[spin_level];
}

size_t spin_opmask_bytes(void)
{
	return spin_level == LEVEL_AVX512 ? sizeof(((struct spin *)0)->opmask) : 0;
}

_Static_assert(offsetof(struct spin, red_zone) == 0x78, "RED_ZONE");
_Static_assert(offsetof(struct spin, vector) == 0xf8, "VECTOR");
_Static_assert(offsetof(struct spin, opmask) == 0x8f8, "OPMASK");
_Static_assert(offsetof(struct spin, x87) == 0x938, "X87");
_Static_assert(offsetof(struct spin, loops) == 0x958, "LOOPS");
_Static_assert(offsetof(struct spin, flags) == 0x960, "FLAGS");
_Static_assert(offsetof(struct spin, mxcsr) == 0x968, "MXCSR");
_Static_assert(offsetof(struct spin, x87_cw) == 0x96c, "X87_CW");

__asm__(".set RED_ZONE, 0x78\n .set VECTOR, 0xf8\n .set OPMASK, 0x8f8\n .set X87, 0x938\n"
	".set LOOPS, 0x958\n .set FLAGS, 0x960\n .set MXCSR, 0x968\n .set X87_CW, 0x96c\n"

	/* Load (\\load = 1) or store every vector register by this instruction. */
	".macro vectors load, move, reg, bytes, numbers:vararg\n"
	"	.set at, VECTOR\n"
	"	.irp n, \\numbers\n"
	"	.if \\load\n	\\move at(%rdi), %\\reg\\n\n"
	"	.else\n		\\move %\\reg\\n, at(%rdi)\n	.endif\n"
	"	.set at, at + \\bytes\n"
	"	.endr\n"
	".endm\n"

	".macro opmasks load\n"
	"	.irp n, 0,1,2,3,4,5,6,7\n"
	"	.if \\load\n	kmovq OPMASK+8*\\n(%rdi), %k\\n\n"
	"	.else\n		kmovq %k\\n, OPMASK+8*\\n(%rdi)\n	.endif\n"
	"	.endr\n"
	".endm\n"

	".macro extended load\n"
	"	cmpl $1, spin_level(%rip)\n"
	"	je 2f\n"
	"	ja 3f\n"
	"	vectors \\load, movdqu, xmm, 16, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	jmp 4f\n"
	"2:	vectors \\load, vmovdqu, ymm, 32, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	jmp 4f\n"
	"3:	vectors \\load, vmovdqu64, zmm, 64, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
	"16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"	opmasks \\load\n"
	"4:\n"
	".endm\n"

	/* All but rdi, which points to the structure. */
	".macro general load\n"
	"	.set at, 0\n"
	"	.irp r, rax,rbx,rcx,rdx,rsi,rbp,r8,r9,r10,r11,r12,r13,r14,r15\n"
	"	.if \\load\n	movq at(%rdi), %\\r\n"
	"	.else\n		movq %\\r, at(%rdi)\n	.endif\n"
	"	.set at, at + 8\n"
	"	.endr\n"
	".endm\n"

	".text\n"
	".globl spin_run\n"
	".hidden spin_run\n"
	".type spin_run, @function\n"
	"spin_run:\n"
	"	.irp r, rbx,rbp,r12,r13,r14,r15\n	pushq %\\r\n	.endr\n"
	"	subq $8, %rsp\n"
	"	stmxcsr (%rsp)\n"
	"	fnstcw 4(%rsp)\n"
	"	pushq %rsi\n"
	"	pushq LOOPS(%rdi)\n"
	"	ldmxcsr MXCSR(%rdi)\n"
	"	fldcw X87_CW(%rdi)\n"
	"	.irp n, 0,1,2,3\n	fldl X87+8*\\n(%rdi)\n	.endr\n"
	"	extended 1\n"
	"	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	movq RED_ZONE+8*\\n(%rdi), %rax\n"
	"	movq %rax, -8-8*\\n(%rsp)\n"
	"	.endr\n"
	"	general 1\n"
	"	movq 14*8(%rdi), %rdi\n"
	"	stc\n"
	"	std\n"
	"1:	decq (%rsp)\n" /* leaves the carry alone */
	"	jnz 1b\n"
	"	xchgq %rdi, 8(%rsp)\n"
	"	general 0\n"
	"	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	movq -8-8*\\n(%rsp), %rax\n"
	"	movq %rax, RED_ZONE+8*\\n(%rdi)\n"
	"	.endr\n"
	"	movq 8(%rsp), %rax\n"
	"	movq %rax, 14*8(%rdi)\n"
	"	pushfq\n"
	"	popq FLAGS(%rdi)\n"
	"	cld\n"
	"	extended 0\n"
	"	.irp n, 3,2,1,0\n	fstpl X87+8*\\n(%rdi)\n	.endr\n"
	"	stmxcsr MXCSR(%rdi)\n"
	"	movl $0, X87_CW(%rdi)\n"
	"	fnstcw X87_CW(%rdi)\n"
	"	addq $16, %rsp\n"
	"	ldmxcsr (%rsp)\n"
	"	fldcw 4(%rsp)\n"
	"	addq $8, %rsp\n"
	"	.irp r, r15,r14,r13,r12,rbp,rbx\n	popq %\\r\n	.endr\n"
	"	cmpl $0, spin_level(%rip)\n"
	"	je 5f\n"
	"	vzeroupper\n"
	"5:	ret\n"
	".size spin_run, . - spin_run\n");
