/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/size.h - length arithmetic that cannot wrap.
 */
#ifndef LWS_BASE_SIZE_H
#define LWS_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* *@sum = @a + @b; false, and *@sum untouched, when that does not fit */
static inline bool
lws_add_ok(size_t a, size_t b, size_t *sum)
{
	if (a > (size_t)-1 - b)
		return false;
	*sum = a + b;
	return true;
}

/* *@product = @a * @b; false, and *@product untouched, when it does not fit */
static inline bool
lws_mul_ok(size_t a, size_t b, size_t *product)
{
	if (b && a > (size_t)-1 / b)
		return false;
	*product = a * b;
	return true;
}

static inline size_t
lws_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

#endif
