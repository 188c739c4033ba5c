/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/block.c - one growing block of raw header bytes and an index into it.
 *
 * A head is kept as it came, in one piece of memory, and is looked at when its
 * empty line is there: so there is no parser state that slicing could upset.
 * The only thing sought before is that line, line end by line end, and no byte
 * is searched twice.  Values are places in those bytes, listed in the order
 * they came; a head has few enough that looking through them all is quick.  A
 * short head fits in the struct, so that it costs one allocation.  RFC 9112
 * section 2.
 */
#include "http/block.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/size.h"

/* Places are 32 bits, lengths are given to the user as int. */
#define BLOCK_MAX ((size_t)0x7fff0000)
#define VALUE_MAX ((size_t)(LWS_MAX_HEADER_LEN))
#define HEAD_MAX  (VALUE_MAX > BLOCK_MAX / 16 ? BLOCK_MAX : LWS_MAX_HEAD_LEN)

/* the longest first line: what stands in it beside the target is short */
#define FIRST_LINE_REST 64
#define FIRST_LINE_MAX \
	lws_min(lws_min(VALUE_MAX, BLOCK_MAX) + FIRST_LINE_REST, HEAD_MAX)

/* A GET with the header fields of a browser's handshake has no more. */
#define FIELDS_INLINE 20

/* what joins two fields of a name: bytes */
#define JOINT 2

struct field {
	uint32_t at, len;	/* its value in bytes[] */
	uint8_t token;
};

struct lws_block {
	uint8_t *bytes;		/* room[], or from the heap */
	size_t cap, len;
	size_t head;		/* where the head begins: behind set values */
	size_t line;		/* where the unfinished line begins */
	struct field *fields;	/* some[], or from the heap */
	uint8_t n_fields, cap_fields;
	bool complete;
	struct field some[FIELDS_INLINE];
	uint8_t room[LWS_INITIAL_HDR_ALLOC];
};

LWS_STATIC_ASSERT(UINT8_MAX >= LWS_BLOCK_FIELDS_MAX);
LWS_STATIC_ASSERT(UINT8_MAX >= WSI_TOKEN_COUNT);

struct lws_block *
lws_block_new(void)
{
	struct lws_block *b = lws_alloc(sizeof(*b));

	if (!b)
		return NULL;
	b->bytes = b->room;
	b->cap = sizeof(b->room);
	b->fields = b->some;
	b->cap_fields = FIELDS_INLINE;
	lws_block_reset(b);
	return b;
}

void
lws_block_free(struct lws_block *b)
{
	if (!b)
		return;
	if (b->bytes != b->room)
		lws_free(b->bytes);
	if (b->fields != b->some)
		lws_free(b->fields);
	lws_free(b);
}

void
lws_block_reset(struct lws_block *b)
{
	b->len = 0;
	b->head = 0;
	b->line = 0;
	b->n_fields = 0;
	b->complete = false;
}

bool
lws_block_empty(const struct lws_block *b)
{
	return b->len == b->head;
}

bool
lws_block_first_line_too_long(const struct lws_block *b)
{
	return b->line == b->head;
}

/* ---- memory ---- */

/* @mem, or its successor when it is from the heap, with room for @size */
static void *
enlarge(void *mem, const void *inlined, size_t used, size_t size)
{
	void *bigger;

	if (mem != inlined)
		return lws_realloc(mem, size);
	bigger = lws_alloc(size);
	if (bigger)
		memcpy(bigger, mem, used);
	return bigger;
}

/* Room for @n more bytes: doubles, but takes no more than a head may need. */
static int
make_room(struct lws_block *b, size_t n)
{
	size_t least, cap;
	uint8_t *bytes;

	if (n <= b->cap - b->len)
		return 0;
	if (n > BLOCK_MAX - b->len)
		return LWS_ERR_NOMEM;
	least = b->len + n;
	cap = b->cap + lws_min(BLOCK_MAX, LWS_ADDITIONAL_HDR_ALLOC);
	if (cap < 2 * b->cap)
		cap = 2 * b->cap;
	cap = lws_min(cap, lws_min(BLOCK_MAX, b->head + HEAD_MAX));
	if (cap < least)
		cap = least;
	bytes = enlarge(b->bytes, b->room, b->len, cap);
	if (!bytes)
		return LWS_ERR_NOMEM;
	b->bytes = bytes;
	b->cap = cap;
	return 0;
}

static int
make_field(struct lws_block *b)
{
	size_t cap = lws_min(2 * (size_t)b->cap_fields, LWS_BLOCK_FIELDS_MAX);
	struct field *fields;

	if (b->n_fields < b->cap_fields)
		return 0;
	if (b->n_fields == LWS_BLOCK_FIELDS_MAX)
		return LWS_HTTP_FIELDS_TOO_LARGE;
	fields = enlarge(b->fields, b->some, sizeof(b->some),
			 cap * sizeof(*fields));
	if (!fields)
		return HTTP_STATUS_SERVICE_UNAVAILABLE;
	b->fields = fields;
	b->cap_fields = (uint8_t)cap;
	return 0;
}

/* ---- collecting ---- */

/*
 * Take what is there of a line; b->complete tells whether it ends the head.
 * Before the first line empty ones are nothing.
 */
static int
take_line(struct lws_block *b, struct lws_span *in)
{
	const uint8_t *lf = memchr(in->p, '\n', in->len);
	const size_t n = lf ? (size_t)(lf - in->p) + 1 : in->len;
	const size_t len = b->len - b->line + n;
	const bool first = b->line == b->head;

	if (n > HEAD_MAX - (b->len - b->head) ||
	    (first && len - (lf != NULL) > FIRST_LINE_MAX))
		return LWS_ERR_LIMIT;
	if (make_room(b, n))
		return LWS_ERR_NOMEM;
	memcpy(b->bytes + b->len, in->p, n);
	b->len += n;
	lws_span_skip(in, n);
	if (!lf)
		return 0;
	b->complete = len == 1 || (len == 2 && b->bytes[b->line] == '\r');
	if (b->complete && first) {
		b->complete = false;
		b->len = b->head;
	}
	b->line = b->len;
	return 0;
}

int
lws_block_collect(struct lws_block *b, struct lws_span *in)
{
	int rc = 0;

	while (!rc && !b->complete && in->len)
		rc = take_line(b, in);
	return rc ? rc : b->complete;
}

struct lws_span
lws_block_head(const struct lws_block *b)
{
	assert(b->complete);
	return lws_span(b->bytes + b->head, b->line - b->head);
}

/* ---- the index ---- */

/* The next field of @token behind @f, which is NULL at first; or NULL. */
static struct field *
next_field(const struct lws_block *b, enum lws_token_indexes token,
	   const struct field *f)
{
	struct field *at = b->fields + (f ? f - b->fields + 1 : 0);

	for (; at < b->fields + b->n_fields; at++)
		if (at->token == token)
			return at;
	return NULL;
}

/* Forget @f and what follows it of the same token. */
static void
drop_from(struct lws_block *b, struct field *f)
{
	const struct field *at, *end = b->fields + b->n_fields;
	const uint8_t token = f->token;

	for (at = f; at < end; at++)
		if (at->token != token)
			*f++ = *at;
	b->n_fields = (uint8_t)(f - b->fields);
}

int
lws_block_add(struct lws_block *b, enum lws_token_indexes token,
	      struct lws_span value)
{
	int status = make_field(b);
	struct field *f;

	if (status)
		return status;
	f = &b->fields[b->n_fields++];
	f->at = (uint32_t)(value.p - b->bytes);
	f->len = (uint32_t)value.len;
	f->token = (uint8_t)token;
	return 0;
}

int
lws_block_replace(struct lws_block *b, enum lws_token_indexes token,
		  struct lws_span value)
{
	struct field *f = next_field(b, token, NULL);

	if (f)
		drop_from(b, f);
	return lws_block_add(b, token, value);
}

/* The value may lie in this very block, which moves when it grows. */
int
lws_block_set(struct lws_block *b, enum lws_token_indexes token,
	      struct lws_span value)
{
	size_t at = (size_t)((uintptr_t)value.p - (uintptr_t)b->bytes);
	bool own = at < b->len;
	uint8_t *to;

	assert((size_t)token < WSI_TOKEN_COUNT);
	assert(b->complete || lws_block_empty(b));
	if (make_room(b, value.len))
		return LWS_ERR_NOMEM;
	to = b->bytes + b->len;
	if (lws_block_replace(b, token, lws_span(to, value.len)))
		return LWS_ERR_NOMEM;
	if (value.len)
		memcpy(to, own ? b->bytes + at : value.p, value.len);
	b->len += value.len;
	if (!b->complete)
		b->head = b->line = b->len;
	return 0;
}

/* ---- what a user may ask ---- */

size_t
lws_block_count(const struct lws_block *b, enum lws_token_indexes token)
{
	const struct field *f = NULL;
	size_t n = 0;

	while ((f = next_field(b, token, f)))
		n++;
	return n;
}

struct lws_span
lws_block_nth(const struct lws_block *b, enum lws_token_indexes token, size_t n)
{
	const struct field *f = NULL;

	while ((f = next_field(b, token, f)))
		if (!n--)
			return lws_span(b->bytes + f->at, f->len);
	return lws_span(NULL, 0);
}

size_t
lws_block_length(const struct lws_block *b, enum lws_token_indexes token)
{
	const struct field *f = NULL;
	size_t len = 0;

	while ((f = next_field(b, token, f)))
		len += f->len + JOINT;
	return len ? len - JOINT : 0;
}

/* The joints are those of RFC 9110 section 5.3 and RFC 6265 section 4.2.1. */
int
lws_block_copy(const struct lws_block *b, enum lws_token_indexes token,
	       char *dest, size_t len)
{
	const size_t length = lws_block_length(b, token);
	const struct field *f = next_field(b, token, NULL);
	char *to = dest;

	if (len)
		*dest = '\0';
	if (!f)
		return 0;
	if (length >= len)
		return -1;
	for (;;) {
		memcpy(to, b->bytes + f->at, f->len);
		to += f->len;
		f = next_field(b, token, f);
		if (!f)
			break;
		*to++ = token == WSI_TOKEN_HTTP_COOKIE ? ';' : ',';
		*to++ = ' ';
	}
	*to = '\0';
	return (int)length;
}

/* ---- limits ---- */

/*
 * A later field of which nothing would be left goes altogether, so that no
 * value ends in a joint.
 */
static bool
cut_value(struct lws_block *b, enum lws_token_indexes token, size_t most)
{
	struct field *f = NULL;
	size_t used = 0;
	bool cut = false;

	while ((f = next_field(b, token, f))) {
		if (used && used >= most) {
			drop_from(b, f);
			return true;
		}
		if (f->len > most - used) {
			f->len = (uint32_t)(most - used);
			cut = true;
		}
		used += f->len + JOINT;
	}
	return cut;
}

int
lws_block_cut(struct lws_block *b, const struct lws_token_limits *limits)
{
	int token, cut = -1;

	for (token = 0; token < WSI_TOKEN_COUNT; token++)
		if (cut_value(b, (enum lws_token_indexes)token,
			      limits->token_limit[token]))
			cut = token;
	return cut;
}
