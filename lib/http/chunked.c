/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/chunked.c - a chunked body, pulled.
 *
 * RFC 9112 section 7.1.  Lines end in CR LF here and in nothing else: readers
 * that differ about a lone LF behind a chunk size differ about where the next
 * request begins.  Extensions and trailers are checked, counted and dropped.
 */
#include "http/http.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/size.h"
#include "http/chars.h"

/* bytes of extension a chunk may have, and of trailer a body */
#define EXTRA_MAX lws_min((size_t)(LWS_MAX_HEADER_LEN), UINT16_MAX)

/* what fits in 64 bits */
#define DIGITS_MAX 16

/* results; NEXT stays inside */
enum { MORE, PIECE, END, NEXT };

/* in wire order */
enum {
	STEP_SIZE,		/* digits */
	STEP_BLANKS,		/* behind them, which some pad with */
	STEP_EXTENSION,		/* from ';' on */
	STEP_SIZE_LF,
	STEP_DATA,
	STEP_DATA_CR,
	STEP_DATA_LF,
	STEP_TRAILER,		/* the first byte of a line */
	STEP_TRAILER_NAME,
	STEP_TRAILER_VALUE,
	STEP_TRAILER_LF,
	STEP_END_LF,
	STEP_END,
};

typedef int step_fn(struct lws_chunked *c, struct lws_span *in,
		    struct lws_span *out);

static int
go(struct lws_chunked *c, uint8_t step)
{
	c->step = step;
	return NEXT;
}

/* Count @n bytes that are dropped. */
static int
count(struct lws_chunked *c, size_t n)
{
	if (n > EXTRA_MAX - c->extra)
		return LWS_ERR_PROTOCOL;
	c->extra = (uint16_t)(c->extra + n);
	return NEXT;
}

/* Take @octet, which nothing else may stand for, and go on with @step. */
static int
expect(struct lws_chunked *c, struct lws_span *in, uint8_t octet, uint8_t step)
{
	if (in->p[0] != octet)
		return LWS_ERR_PROTOCOL;
	lws_span_skip(in, 1);
	return go(c, step);
}

/* Drop what may stand in a value, up to the CR, and go on with @step. */
static int
drop_line(struct lws_chunked *c, struct lws_span *in, uint8_t step)
{
	const uint8_t *cr = memchr(in->p, '\r', in->len);
	struct lws_span text;

	text = lws_span_take(in, cr ? (size_t)(cr - in->p) : in->len);
	if (!lws_chars_value(text))
		return LWS_ERR_PROTOCOL;
	if (count(c, text.len) < 0)
		return LWS_ERR_PROTOCOL;
	return cr ? expect(c, in, '\r', step) : NEXT;
}

static int
step_size(struct lws_chunked *c, struct lws_span *in, struct lws_span *out)
{
	(void)out;
	while (in->len) {
		int digit = lws_chars_hex(in->p[0]);

		if (digit < 0)
			return c->digits ? go(c, STEP_BLANKS) :
					   LWS_ERR_PROTOCOL;
		if (c->digits == DIGITS_MAX)
			return LWS_ERR_PROTOCOL;
		c->digits++;
		c->left = c->left << 4 | (uint64_t)digit;
		lws_span_skip(in, 1);
	}
	return MORE;
}

static int
step_blanks(struct lws_chunked *c, struct lws_span *in, struct lws_span *out)
{
	(void)out;
	while (in->len && (in->p[0] == ' ' || in->p[0] == '\t')) {
		if (count(c, 1) < 0)
			return LWS_ERR_PROTOCOL;
		lws_span_skip(in, 1);
	}
	if (!in->len)
		return MORE;
	if (in->p[0] == ';')
		return go(c, STEP_EXTENSION);
	return expect(c, in, '\r', STEP_SIZE_LF);
}

static int
step_extension(struct lws_chunked *c, struct lws_span *in,
	       struct lws_span *out)
{
	(void)out;
	return drop_line(c, in, STEP_SIZE_LF);
}

static int
step_size_lf(struct lws_chunked *c, struct lws_span *in, struct lws_span *out)
{
	(void)out;
	c->digits = 0;
	c->extra = 0;
	return expect(c, in, '\n', c->left ? STEP_DATA : STEP_TRAILER);
}

static int
step_data(struct lws_chunked *c, struct lws_span *in, struct lws_span *out)
{
	size_t n = c->left < in->len ? (size_t)c->left : in->len;

	*out = lws_span_take(in, n);
	c->left -= n;
	if (!c->left)
		c->step = STEP_DATA_CR;
	return PIECE;
}

static int
step_trailer(struct lws_chunked *c, struct lws_span *in, struct lws_span *out)
{
	(void)out;
	if (in->p[0] == '\r')
		return expect(c, in, '\r', STEP_END_LF);
	if (!lws_chars_token(lws_span(in->p, 1)))
		return LWS_ERR_PROTOCOL;
	return go(c, STEP_TRAILER_NAME);
}

/* Counting what is always there bounds the number of lines, too. */
static int
step_trailer_name(struct lws_chunked *c, struct lws_span *in,
		  struct lws_span *out)
{
	size_t n = lws_chars_token(*in);

	(void)out;
	if (count(c, n) < 0)
		return LWS_ERR_PROTOCOL;
	lws_span_skip(in, n);
	if (!in->len)
		return MORE;
	if (count(c, sizeof(":\r\n") - 1) < 0)
		return LWS_ERR_PROTOCOL;
	return expect(c, in, ':', STEP_TRAILER_VALUE);
}

static int
step_trailer_value(struct lws_chunked *c, struct lws_span *in,
		   struct lws_span *out)
{
	(void)out;
	return drop_line(c, in, STEP_TRAILER_LF);
}

/* what stands behind data, trailers and body, an octet a step */
static const struct {
	uint8_t octet, next;
} ends[] = {
	[STEP_DATA_CR] = { '\r', STEP_DATA_LF },
	[STEP_DATA_LF] = { '\n', STEP_SIZE },
	[STEP_TRAILER_LF] = { '\n', STEP_TRAILER },
	[STEP_END_LF] = { '\n', STEP_END },
};

static int
step_end(struct lws_chunked *c, struct lws_span *in, struct lws_span *out)
{
	(void)out;
	return expect(c, in, ends[c->step].octet, ends[c->step].next);
}

static step_fn *const steps[] = {
	[STEP_SIZE] = step_size,
	[STEP_BLANKS] = step_blanks,
	[STEP_EXTENSION] = step_extension,
	[STEP_SIZE_LF] = step_size_lf,
	[STEP_DATA] = step_data,
	[STEP_DATA_CR] = step_end,
	[STEP_DATA_LF] = step_end,
	[STEP_TRAILER] = step_trailer,
	[STEP_TRAILER_NAME] = step_trailer_name,
	[STEP_TRAILER_VALUE] = step_trailer_value,
	[STEP_TRAILER_LF] = step_end,
	[STEP_END_LF] = step_end,
};

void
lws_chunked_init(struct lws_chunked *c)
{
	memset(c, 0, sizeof(*c));
}

int
lws_chunked_next(struct lws_chunked *c, struct lws_span *in,
		 struct lws_span *out)
{
	int rc = NEXT;

	while (rc == NEXT) {
		if (c->step == STEP_END)
			return END;
		if (!in->len)
			return MORE;
		rc = steps[c->step](c, in, out);
	}
	return rc;
}
