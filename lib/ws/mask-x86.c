/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask-x86.c - which masking an x86 processor gets.
 *
 * The processor is asked once, while the library is loaded; later a load and a
 * test tell.  __builtin_cpu_supports() would do, but it brings the whole list
 * of processors that the compiler's runtime knows, which is larger than any
 * file of ours.  Below a few vectors the plain words win, because they need no
 * clearing of the upper halves afterwards.
 */
#include "ws/mask.h"

#include <cpuid.h>
#include <stdbool.h>

#include "base/compiler.h"

#define LONG_ENOUGH 128

#define SAVED_BY_SYSTEM (1u << 27)	/* of leaf 1, ecx: OSXSAVE */
#define VECTOR_STATE 6u			/* of XCR0: xmm and upper halves */
#define AVX2 (1u << 5)			/* of leaf 7, ebx */

static bool has_avx2;

/* registers that the system does not save at a switch are not ours to use */
static bool
saves_vectors(void)
{
	unsigned int low, high;

	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & VECTOR_STATE) == VECTOR_STATE;
}

LWS_AT_LOAD
static void
ask(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & SAVED_BY_SYSTEM) ||
	    !saves_vectors())
		return;
	has_avx2 = __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & AVX2;
}

void
lws_mask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[4])
{
	if (len >= LONG_ENOUGH && has_avx2)
		lws_mask_avx2(to, from, len, mask);
	else
		lws_mask_base(to, from, len, mask);
}
