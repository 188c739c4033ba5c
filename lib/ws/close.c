/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/close.c - what a Close frame says (RFC 6455 sections 5.5.1 and 7.4).
 *
 * Payload is nothing, or a code and a reason.  The codes that stand for
 * things no peer can say (1005, 1006, 1015) are refused both ways.
 */
#include "ws/close.h"

#include <string.h>

#include "base/compiler.h"
#include "base/err.h"
#include "ws/utf8.h"

enum {
	CODE_NORMAL = 1000,
	CODE_PROTOCOL = 1002,
	CODE_RESERVED = 1004,
	CODE_NONE = 1005,	/* never travels: no code came */
	CODE_ABNORMAL = 1006,	/* never travels: no Close came */
	CODE_TEXT = 1007,
	CODE_TOO_LARGE = 1009,
	CODE_TROUBLE = 1011,
	CODE_LAST_KNOWN = 1014,	/* highest that is registered to travel */
	CODE_TLS = 1015,	/* never travels: TLS failed */
	CODE_FREE = 3000,	/* from here on libraries and applications */
	CODE_LAST = 4999
};

#define REASON_MAX (LWS_CONTROL_MAX - 2)

bool
lws_close_code_ok(uint16_t code)
{
	if (code < CODE_NORMAL || code > CODE_LAST)
		return false;
	if (code >= CODE_FREE)
		return true;
	return code <= CODE_LAST_KNOWN && code != CODE_RESERVED &&
	       code != CODE_NONE && code != CODE_ABNORMAL;
}

int
lws_close_parse(struct lws_span payload, uint16_t *code,
		struct lws_span *reason)
{
	uint32_t state = LWS_UTF8_ACCEPT;

	*code = CODE_NONE;
	*reason = payload;
	if (!payload.len)
		return 0;
	if (payload.len == 1)
		return LWS_ERR_PROTOCOL;

	*code = lws_be16(payload.p);
	lws_span_skip(reason, 2);
	if (!lws_close_code_ok(*code))
		return LWS_ERR_PROTOCOL;
	if (lws_utf8_check(&state, reason->p, reason->len) ||
	    state != LWS_UTF8_ACCEPT)
		return LWS_ERR_TEXT;
	return 0;
}

/* Is this a byte inside a character, not its first? */
static bool
inside_character(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t
lws_close_build(uint8_t out[LWS_CONTROL_MAX], bool client, uint16_t code,
		struct lws_span reason)
{
	size_t len = reason.len;

	(void)client;
	if (!code || code == CODE_NONE || code == CODE_ABNORMAL ||
	    code == CODE_TLS)
		return 0;

	if (len > REASON_MAX) {
		len = REASON_MAX;
		while (len && inside_character(reason.p[len]))
			len--;
	}
	lws_put_be16(out, code);
	if (len)
		memcpy(out + 2, reason.p, len);
	return len + 2;
}

uint16_t
lws_close_code_for(int rc)
{
	switch (rc) {
	case LWS_ERR_PROTOCOL:
		return CODE_PROTOCOL;
	case LWS_ERR_TEXT:
		return CODE_TEXT;
	case LWS_ERR_LIMIT:
		return CODE_TOO_LARGE;
	case LWS_ERR_CLOSED:
	case LWS_ERR_IO:
		return CODE_ABNORMAL;
	default:
		return rc < 0 && rc != LWS_ERR_USER ? CODE_TROUBLE
						    : CODE_NORMAL;
	}
}
