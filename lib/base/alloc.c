/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/alloc.c - the only calls to the heap.
 *
 * Everything goes through one function of realloc()'s shape in which size 0
 * frees, so that an application, or a test that wants a certain allocation to
 * fail, replaces all of it with one pointer.
 */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"

static void *
system_resize(void *ptr, size_t size)
{
	if (size)
		return realloc(ptr, size);
	free(ptr);
	return NULL;
}

static void *(*resize_memory)(void *ptr, size_t size) = system_resize;

void
lws_set_allocator(void *(*resize)(void *ptr, size_t size))
{
	resize_memory = resize ? resize : system_resize;
}

void *
lws_alloc(size_t size)
{
	return resize_memory(NULL, size ? size : 1);
}

void *
lws_zalloc(size_t size)
{
	void *ptr = lws_alloc(size);

	if (ptr)
		memset(ptr, 0, size);
	return ptr;
}

void *
lws_realloc(void *ptr, size_t size)
{
	return resize_memory(ptr, size);
}

void
lws_free(void *ptr)
{
	if (ptr)
		resize_memory(ptr, 0);
}

char *
lws_strdup(const char *s)
{
	const size_t size = s ? strlen(s) + 1 : 0;
	char *copy = s ? lws_alloc(size) : NULL;

	if (copy)
		memcpy(copy, s, size);
	return copy;
}
