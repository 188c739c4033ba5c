/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/negotiate.h - Sec-WebSocket-Extensions (RFC 6455 section 9.1, RFC 7692
 * section 7.1).
 */
#ifndef LWS_EXT_NEGOTIATE_H
#define LWS_EXT_NEGOTIATE_H

#include "ext/ext.h"

/*
 * Take the next member off the list @rest: 1 with *@out filled, its spans in
 * the memory of @rest or in out->text; 0 at the end; LWS_ERR_PROTOCOL when the
 * list is against the grammar.  Empty members are skipped.  Names and values
 * are as they were sent, case included.  A quoted value is unquoted, and must
 * be a token then.
 */
int lws_ext_next(struct lws_span *rest, struct lws_ext_offer *out);

/*
 * The parameter @name of @offer: 1 with *@value when it came with one, 0
 * with an empty *@value when it came without, LWS_ERR_NOENT when absent.
 */
int lws_ext_param(const struct lws_ext_offer *offer, const char *name,
		  struct lws_span *value);

/* true when @offer has only parameters of @names (@n of them), each once */
bool lws_ext_only(const struct lws_ext_offer *offer, const char *const *names,
		  size_t n);

/* A window of 8 to 15: plain decimal, no sign, no leading zero; else 0. */
uint8_t lws_ext_window_bits(struct lws_span value);

#endif
