/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/close-old.c - what a Close said before RFC 6455.
 *
 * hybi-04 had nothing to say, hybi-05 a letter, hybi-06 the code and the reason
 * that stayed.  The list of codes grew until hybi-13, and one number changed
 * its meaning: "too large" was 1004 and became 1009.
 */
#include "ws/close.h"

#include "base/compiler.h"
#include "base/err.h"
#include "ws/utf8.h"

enum {
	CODE_NORMAL = 1000,
	CODE_GOING_AWAY = 1001,
	CODE_PROTOCOL = 1002,
	CODE_KIND = 1003,	/* data of a kind not taken */
	CODE_TOO_LARGE_OLD = 1004,
	CODE_NONE = 1005,	/* never travels, like 0 and these two */
	CODE_ABNORMAL = 1006,
	CODE_TLS = 1015,
	CODE_TEXT = 1007,
	CODE_TOO_LARGE = 1009,
	CODE_TROUBLE = 1011,
	CODE_RESTART = 1012,
	CODE_TRY_LATER = 1013,
	CODE_FREE = 3000	/* of libraries and applications, from here */
};

/* What version 8 has for a code of RFC 6455; 0 stays "none". */
static uint16_t
old_code(uint16_t code)
{
	switch (code) {
	case 0:
	case CODE_NORMAL:
	case CODE_GOING_AWAY:
	case CODE_PROTOCOL:
	case CODE_KIND:
	case CODE_TOO_LARGE_OLD:
	case CODE_NONE:
	case CODE_ABNORMAL:
	case CODE_TEXT:
	case CODE_TLS:
		return code;
	case CODE_TOO_LARGE:
		return CODE_TOO_LARGE_OLD;
	case CODE_TROUBLE:
	case CODE_RESTART:
	case CODE_TRY_LATER:
		return CODE_GOING_AWAY;
	default:
		return code >= CODE_FREE ? CODE_NORMAL : CODE_PROTOCOL;
	}
}

static bool
is_text(struct lws_span s)
{
	uint32_t state = LWS_UTF8_ACCEPT;

	return !lws_utf8_check(&state, s.p, s.len) && state == LWS_UTF8_ACCEPT;
}

int
lws_close_parse_06(struct lws_span payload, uint16_t *code,
		   struct lws_span *reason)
{
	*code = CODE_NONE;
	*reason = payload;
	if (!payload.len)
		return 0;
	if (payload.len == 1)
		return LWS_ERR_PROTOCOL;
	*code = lws_be16(payload.p);
	lws_span_skip(reason, 2);
	return 0;
}

int
lws_close_parse_08(struct lws_span payload, uint16_t *code,
		   struct lws_span *reason)
{
	int rc = lws_close_parse_06(payload, code, reason);

	if (rc < 0)
		return rc;
	return is_text(*reason) ? 0 : LWS_ERR_TEXT;
}

size_t
lws_close_build_08(uint8_t out[LWS_CONTROL_MAX], bool client, uint16_t code,
		   struct lws_span reason)
{
	return lws_close_build(out, client, old_code(code), reason);
}

/* Text that is none is data of a kind not taken. */
size_t
lws_close_build_06(uint8_t out[LWS_CONTROL_MAX], bool client, uint16_t code,
		   struct lws_span reason)
{
	code = old_code(code);
	return lws_close_build(out, client,
			       code == CODE_TEXT ? CODE_KIND : code, reason);
}

size_t
lws_close_build_05(uint8_t out[LWS_CONTROL_MAX], bool client, uint16_t code,
		   struct lws_span reason)
{
	(void)code;
	(void)reason;
	out[0] = client ? 'C' : 'S';
	return 1;
}

size_t
lws_close_build_none(uint8_t out[LWS_CONTROL_MAX], bool client, uint16_t code,
		     struct lws_span reason)
{
	(void)out;
	(void)client;
	(void)code;
	(void)reason;
	return 0;
}

int
lws_close_parse_any(struct lws_span payload, uint16_t *code,
		    struct lws_span *reason)
{
	*code = CODE_NONE;
	*reason = payload;
	return 0;
}
