/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/negotiate.c - reading Sec-WebSocket-Extensions.
 *
 * A list of extensions, each with parameters.  It is read a member at a time,
 * each one on a copy of what is left of the list, which moves on only when the
 * member is whole: a list that is against the grammar stays so however often
 * it is asked.  RFC 6455 section 9.1, tokens of RFC 9110 section 5.6.2, quoted
 * strings of section 5.6.4.
 */
#include "ext/negotiate.h"

#include <string.h>

/* letters, digits and fifteen marks */
static bool
is_token(uint8_t c)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	const uint8_t letter = (uint8_t)(c | 0x20);

	return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
	       memchr(marks, c, sizeof(marks) - 1);
}

static void
skip_blanks(struct lws_span *s)
{
	while (s->len && (s->p[0] == ' ' || s->p[0] == '\t'))
		lws_span_skip(s, 1);
}

/* Take @mark with the blanks around it; blanks go even when it is not there. */
static bool
take_mark(struct lws_span *s, uint8_t mark)
{
	skip_blanks(s);
	if (!s->len || s->p[0] != mark)
		return false;
	lws_span_skip(s, 1);
	skip_blanks(s);
	return true;
}

static bool
take_token(struct lws_span *s, struct lws_span *token)
{
	size_t n = 0;

	while (n < s->len && is_token(s->p[n]))
		n++;
	*token = lws_span_take(s, n);
	return n != 0;
}

/* What is between quotes, the first of which is gone, escapes and all. */
static bool
take_quoted(struct lws_span *s, struct lws_span *raw)
{
	size_t n;

	for (n = 0; n < s->len && s->p[n] != '"'; n++) {
		if (s->p[n] == '\\' && ++n == s->len)
			return false;
		if (!is_token(s->p[n]))
			return false;
	}
	if (!n || n == s->len)
		return false;
	*raw = lws_span_take(s, n);
	lws_span_skip(s, 1);
	return true;
}

/*
 * Put @value without its escapes into @spare.  Where that is too small it stays
 * as it was sent: it has a backslash then, no token has, and so it is equal to
 * nothing that anybody looks for.
 */
static void
unescape(struct lws_span *value, struct lws_span *spare)
{
	size_t n, len = 0;

	for (n = 0; n < value->len; n++) {
		if (value->p[n] == '\\')
			n++;
		if (len == spare->len)
			return;
		spare->p[len++] = value->p[n];
	}
	*value = lws_span_take(spare, len);
}

static bool
take_value(struct lws_span *s, struct lws_span *value, struct lws_span *spare)
{
	if (!s->len || s->p[0] != '"')
		return take_token(s, value);

	lws_span_skip(s, 1);
	if (!take_quoted(s, value))
		return false;
	if (memchr(value->p, '\\', value->len))
		unescape(value, spare);
	return true;
}

static bool
take_param(struct lws_span *s, struct lws_ext_param *param,
	   struct lws_span *spare)
{
	if (!take_token(s, &param->name))
		return false;
	param->value = lws_span(NULL, 0);
	param->has_value = take_mark(s, '=');
	return !param->has_value || take_value(s, &param->value, spare);
}

/* One extension with its parameters; more than there is room for go by. */
static bool
take_member(struct lws_span *s, struct lws_ext_offer *out)
{
	struct lws_span spare = lws_span(out->text, sizeof(out->text));
	struct lws_ext_param param;

	out->count = 0;
	out->too_many = false;
	if (!take_token(s, &out->name))
		return false;
	while (take_mark(s, ';')) {
		if (!take_param(s, &param, &spare))
			return false;
		if (out->count < LWS_EXT_PARAMS_MAX)
			out->params[out->count++] = param;
		else
			out->too_many = true;
	}
	return !s->len || take_mark(s, ',');
}

int
lws_ext_next(struct lws_span *rest, struct lws_ext_offer *out)
{
	struct lws_span s = *rest;

	while (take_mark(&s, ','))
		;
	if (!s.len) {
		*rest = s;
		return 0;
	}
	if (!take_member(&s, out))
		return LWS_ERR_PROTOCOL;
	*rest = s;
	return 1;
}

int
lws_ext_param(const struct lws_ext_offer *offer, const char *name,
	      struct lws_span *value)
{
	unsigned n;

	for (n = 0; n < offer->count; n++) {
		const struct lws_ext_param *param = &offer->params[n];

		if (!lws_span_eq(param->name, name))
			continue;
		*value = param->value;
		return param->has_value;
	}
	return LWS_ERR_NOENT;
}

static bool
is_among(struct lws_span name, const char *const *names, size_t n)
{
	while (n--)
		if (lws_span_eq(name, names[n]))
			return true;
	return false;
}

/* Has the parameter at @at been there before? */
static bool
is_again(const struct lws_ext_offer *offer, unsigned at)
{
	const struct lws_span name = offer->params[at].name;
	unsigned n;

	for (n = 0; n < at; n++)
		if (offer->params[n].name.len == name.len &&
		    !memcmp(offer->params[n].name.p, name.p, name.len))
			return true;
	return false;
}

bool
lws_ext_only(const struct lws_ext_offer *offer, const char *const *names,
	     size_t n)
{
	unsigned at;

	if (offer->too_many)
		return false;
	for (at = 0; at < offer->count; at++)
		if (!is_among(offer->params[at].name, names, n) ||
		    is_again(offer, at))
			return false;
	return true;
}

uint8_t
lws_ext_window_bits(struct lws_span value)
{
	uint64_t bits;

	if (!lws_span_number(value, &bits) || value.p[0] == '0' || bits < 8 ||
	    bits > 15)
		return 0;
	return (uint8_t)bits;
}
