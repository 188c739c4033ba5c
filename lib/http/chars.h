/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/chars.h - which octets may stand where.  Private to http/.
 */
#ifndef LWS_HTTP_CHARS_H
#define LWS_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* how many octets at the front of @s are those of a token (RFC 9110 5.6.2) */
size_t lws_chars_token(struct lws_span s);

/* May all of @s stand in a field value?  Blank, tab, visible, 80 to ff. */
bool lws_chars_value(struct lws_span s);

/* The same for a request target: no blank, no control, no fragment. */
bool lws_chars_target(struct lws_span s);

/* The same for a host with its port (RFC 3986 3.2.2). */
bool lws_chars_host(struct lws_span s);

/* The value of a hexadecimal digit, or -1. */
int lws_chars_hex(uint8_t c);

#endif
