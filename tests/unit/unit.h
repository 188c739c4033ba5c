/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/unit.h - what unit tests share: cmocka, and an allocator that fails.
 */
#ifndef LWS_UNIT_UNIT_H
#define LWS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libwebsockets.h"
#include "base/compiler.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* allocations that still succeed, negative for all; blocks not yet freed */
static long unit_allocations = -1;
static long unit_blocks;

LWS_UNUSED static void *
unit_resize(void *ptr, size_t size)
{
	void *got;

	if (!size) {
		unit_blocks -= ptr != NULL;
		free(ptr);
		return NULL;
	}
	if (!unit_allocations)
		return NULL;
	if (unit_allocations > 0)
		unit_allocations--;
	got = realloc(ptr, size);
	unit_blocks += got && !ptr;
	return got;
}

/* Let @n more allocations succeed, all of them when @n is negative. */
LWS_UNUSED static void
unit_allow(long n)
{
	unit_allocations = n;
	lws_set_allocator(unit_resize);
}

#endif
