/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/buf.c - writing into bounded memory.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
lws_buf_put(struct lws_buf *b, const void *bytes, size_t len)
{
	if (b->overflow || len > b->cap - b->len) {
		b->overflow = true;
		return;
	}
	if (!len)
		return;
	memcpy(b->p + b->len, bytes, len);
	b->len += len;
}

void
lws_buf_puts(struct lws_buf *b, const char *str)
{
	lws_buf_put(b, str, strlen(str));
}

void
lws_buf_span(struct lws_buf *b, struct lws_span s)
{
	lws_buf_put(b, s.p, s.len);
}

void
lws_buf_printf(struct lws_buf *b, const char *format, ...)
{
	const size_t room = b->cap - b->len;
	va_list args;
	int n;

	if (b->overflow || !room) {
		b->overflow = true;
		return;
	}
	va_start(args, format);
	n = vsnprintf((char *)b->p + b->len, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		b->overflow = true;
	else
		b->len += (size_t)n;
}
