/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/alloc.h - the only door to the heap.
 *
 * lws_set_allocator() (libwebsockets.h) replaces what is behind it, which is
 * also how the tests make any allocation fail.
 */
#ifndef LWS_BASE_ALLOC_H
#define LWS_BASE_ALLOC_H

#include <stddef.h>

/* @size bytes, uninitialised, or NULL; @size 0 counts as 1; lws_free() it */
void *lws_alloc(size_t size);

/* the same, zero-filled */
void *lws_zalloc(size_t size);

/* Resize; on failure NULL, and @ptr is still the caller's.  @size is not 0. */
void *lws_realloc(void *ptr, size_t size);

/* NULL is fine */
void lws_free(void *ptr);

/* a copy of the C string, or NULL (also when @s is NULL); lws_free() it */
char *lws_strdup(const char *s);

#endif
