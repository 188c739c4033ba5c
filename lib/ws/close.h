/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/close.h - payloads of Close frames (RFC 6455 sections 5.5.1 and 7.4, and
 * what older versions had in their place).
 */
#ifndef LWS_WS_CLOSE_H
#define LWS_WS_CLOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "ws/opcode.h"

/*
 * RFC 6455.  Read a Close payload: 0 with *@code filled (1005 when it is empty)
 * and *@reason in the payload's memory; LWS_ERR_PROTOCOL for one byte or a code
 * that may not travel; LWS_ERR_TEXT for a reason that is not UTF-8.
 */
int lws_close_parse(struct lws_span payload, uint16_t *code,
		    struct lws_span *reason);

/* May this code be received in version 13? */
bool lws_close_code_ok(uint16_t code);

/*
 * Fill a payload: the bytes used, 0 for a code that never travels (0, 1005,
 * 1006, 1015).  The reason is cut to fit, at a character's border.  Both ends
 * say the same: @client does not matter.
 */
size_t lws_close_build(uint8_t out[LWS_CONTROL_MAX], bool client,
		       uint16_t code, struct lws_span reason);

/* the code to close with after this enum lws_err, e.g. 1002 */
uint16_t lws_close_code_for(int rc);

/* ---- close-old.c: the same for older versions ---- */

/*
 * Version 8.  Any code is taken.  Of the codes above, those that came later
 * than the version are not sent: the nearest it has is.
 */
int lws_close_parse_08(struct lws_span payload, uint16_t *code,
		       struct lws_span *reason);
size_t lws_close_build_08(uint8_t out[LWS_CONTROL_MAX], bool client,
			  uint16_t code, struct lws_span reason);

/* Versions 6 and 7, which do not check the reason either. */
int lws_close_parse_06(struct lws_span payload, uint16_t *code,
		       struct lws_span *reason);
size_t lws_close_build_06(uint8_t out[LWS_CONTROL_MAX], bool client,
			  uint16_t code, struct lws_span reason);

/* Version 5: a letter that tells who speaks.  Anything is taken. */
size_t lws_close_build_05(uint8_t out[LWS_CONTROL_MAX], bool client,
			  uint16_t code, struct lws_span reason);

/* Versions 4 and 76 say nothing; 4 and 5 take anything, for no code. */
size_t lws_close_build_none(uint8_t out[LWS_CONTROL_MAX], bool client,
			    uint16_t code, struct lws_span reason);
int lws_close_parse_any(struct lws_span payload, uint16_t *code,
			struct lws_span *reason);

#endif
