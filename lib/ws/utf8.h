/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/utf8.h - UTF-8 as RFC 3629 has it, checked as it streams by.
 */
#ifndef LWS_WS_UTF8_H
#define LWS_WS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* between characters; also the state to begin with */
#define LWS_UTF8_ACCEPT 0

/*
 * Check @len more bytes; *@state goes from call to call.  0, or LWS_ERR_TEXT
 * as soon as a byte cannot continue a valid sequence.  A message is whole
 * text when *@state is LWS_UTF8_ACCEPT at its end.
 */
int lws_utf8_check(uint32_t *state, const uint8_t *p, size_t len);

#endif
