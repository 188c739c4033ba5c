/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/block.c - one growing block of raw header bytes and an index into it.
 *
 * A head is kept as it came, in one piece of memory, and is looked at when its
 * empty line is there: so there is no parser state that slicing could upset.
 * The only thing sought before is that line, line end by line end, and no byte
 * is searched twice.  Values are places in those bytes; the fields of one name
 * form a chain, in the order they came.  A short head fits in the struct, so
 * that it costs one allocation.  RFC 9112 section 2.
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

/* what may stand in the first line beside the longest target */
#define FIRST_LINE_REST 64

/* A GET with the header fields of a browser's handshake has no more. */
#define FIELDS_INLINE 20
#define NONE          255

struct field {
	uint32_t at, len;	/* its value in bytes[] */
	uint8_t next;		/* of the same token, or NONE */
};

struct lws_block {
	uint8_t *bytes;		/* room[], or from the heap */
	size_t cap, len;
	size_t head;		/* where the head begins: behind set values */
	size_t line;		/* where the unfinished line begins */
	struct field *fields;	/* some[], or from the heap */
	uint8_t n_fields, cap_fields;
	bool has_line;		/* the first line has ended */
	bool long_line;		/* the first line is too long */
	bool complete;
	uint8_t first[WSI_TOKEN_COUNT];	/* head of each chain, or NONE */
	struct field some[FIELDS_INLINE];
	uint8_t room[LWS_INITIAL_HDR_ALLOC];
};

LWS_STATIC_ASSERT(NONE >= LWS_BLOCK_FIELDS_MAX);

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
	b->has_line = false;
	b->long_line = false;
	b->complete = false;
	memset(b->first, NONE, sizeof(b->first));
}

bool
lws_block_empty(const struct lws_block *b)
{
	return b->len == b->head;
}

bool
lws_block_first_line_too_long(const struct lws_block *b)
{
	return b->long_line;
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
		return LWS_ERR_LIMIT;
	fields = enlarge(b->fields, b->some, sizeof(b->some),
			 cap * sizeof(*fields));
	if (!fields)
		return LWS_ERR_NOMEM;
	b->fields = fields;
	b->cap_fields = (uint8_t)cap;
	return 0;
}

/* ---- collecting ---- */

/*
 * Before the first line empty lines are nothing.  A CR is kept until the next
 * byte tells whether it was one.
 */
static void
skip_empty_lines(struct lws_block *b, struct lws_span *in)
{
	if (b->len == b->head + 1 && b->bytes[b->head] == '\r' &&
	    in->p[0] == '\n') {
		b->len = b->head;
		lws_span_skip(in, 1);
	}
	if (b->len != b->head)
		return;
	while (in->len) {
		if (in->p[0] == '\n')
			lws_span_skip(in, 1);
		else if (in->len > 1 && in->p[0] == '\r' && in->p[1] == '\n')
			lws_span_skip(in, 2);
		else
			return;
	}
}

/* the first line, which is @len bytes now, whether it has ended or not */
static void
check_first_line(struct lws_block *b, size_t len)
{
	size_t most = lws_min(VALUE_MAX, BLOCK_MAX) + FIRST_LINE_REST;

	if (len > lws_min(most, HEAD_MAX))
		b->long_line = true;
}

/*
 * How many bytes of @in belong to the head; b->complete tells whether its end
 * is among them.  Leaves b->line where it will be when they have been added.
 */
static size_t
scan(struct lws_block *b, struct lws_span in)
{
	size_t carried = b->len - b->line, at = 0;
	const uint8_t *lf;

	while ((lf = memchr(in.p + at, '\n', in.len - at))) {
		size_t end = (size_t)(lf - in.p), len = carried + end - at;
		uint8_t first = carried ? b->bytes[b->line] : in.p[at];

		if (!b->has_line)
			check_first_line(b, len);
		b->has_line = true;
		at = end + 1;
		b->line = b->len + at;
		b->complete = !len || (len == 1 && first == '\r');
		if (b->complete)
			return at;
		carried = 0;
	}
	if (!b->has_line)
		check_first_line(b, carried + in.len - at);
	return in.len;
}

int
lws_block_collect(struct lws_block *b, struct lws_span *in)
{
	size_t n;

	if (b->complete)
		return 1;
	if (in->len)
		skip_empty_lines(b, in);
	if (!in->len)
		return 0;
	n = scan(b, *in);
	if (b->long_line || n > HEAD_MAX - (b->len - b->head)) {
		b->complete = false;
		return LWS_ERR_LIMIT;
	}
	if (make_room(b, n)) {
		b->complete = false;
		return LWS_ERR_NOMEM;
	}
	memcpy(b->bytes + b->len, in->p, n);
	b->len += n;
	lws_span_skip(in, n);
	return b->complete;
}

struct lws_span
lws_block_head(const struct lws_block *b)
{
	assert(b->complete);
	return lws_span(b->bytes + b->head, b->line - b->head);
}

/* ---- the index ---- */

static uint8_t
first_of(const struct lws_block *b, enum lws_token_indexes token)
{
	return (size_t)token < WSI_TOKEN_COUNT ? b->first[token] : NONE;
}

/* Append @len bytes at @at, which may be still to be written, to its chain. */
static int
append_field(struct lws_block *b, enum lws_token_indexes token, size_t at,
	     size_t len)
{
	uint8_t *link = &b->first[token];
	struct field *f;
	int rc = make_field(b);

	if (rc)
		return rc;
	while (*link != NONE)
		link = &b->fields[*link].next;
	*link = b->n_fields;
	f = &b->fields[b->n_fields++];
	f->at = (uint32_t)at;
	f->len = (uint32_t)len;
	f->next = NONE;
	return 0;
}

int
lws_block_add(struct lws_block *b, enum lws_token_indexes token,
	      struct lws_span value)
{
	return append_field(b, token, (size_t)(value.p - b->bytes), value.len);
}

void
lws_block_replace(struct lws_block *b, enum lws_token_indexes token,
		  struct lws_span value)
{
	struct field *f = &b->fields[b->first[token]];

	f->at = (uint32_t)(value.p - b->bytes);
	f->len = (uint32_t)value.len;
}

/* The value may lie in this very block, which moves when it grows. */
int
lws_block_set(struct lws_block *b, enum lws_token_indexes token,
	      struct lws_span value)
{
	size_t at = (size_t)((uintptr_t)value.p - (uintptr_t)b->bytes);
	bool own = at < b->len;
	struct field *f;

	assert((size_t)token < WSI_TOKEN_COUNT);
	assert(b->complete || lws_block_empty(b));
	if (make_room(b, value.len))
		return LWS_ERR_NOMEM;
	if (b->first[token] == NONE && append_field(b, token, 0, 0))
		return LWS_ERR_NOMEM;
	if (value.len)
		memcpy(b->bytes + b->len, own ? b->bytes + at : value.p,
		       value.len);
	f = &b->fields[b->first[token]];
	f->at = (uint32_t)b->len;
	f->len = (uint32_t)value.len;
	f->next = NONE;
	b->len += value.len;
	if (!b->complete)
		b->head = b->line = b->len;
	return 0;
}

/* ---- what a user may ask ---- */

/* what joins two fields of a name; RFC 9110 5.3, RFC 6265 4.2.1 */
static const char *
joint(enum lws_token_indexes token)
{
	return token == WSI_TOKEN_HTTP_COOKIE ? "; " : ", ";
}
#define JOINT 2

size_t
lws_block_count(const struct lws_block *b, enum lws_token_indexes token)
{
	uint8_t i;
	size_t n = 0;

	for (i = first_of(b, token); i != NONE; i = b->fields[i].next)
		n++;
	return n;
}

struct lws_span
lws_block_nth(const struct lws_block *b, enum lws_token_indexes token, size_t n)
{
	uint8_t i;

	for (i = first_of(b, token); i != NONE; i = b->fields[i].next)
		if (!n--)
			return lws_span(b->bytes + b->fields[i].at,
					b->fields[i].len);
	return lws_span(NULL, 0);
}

size_t
lws_block_length(const struct lws_block *b, enum lws_token_indexes token)
{
	uint8_t i, first = first_of(b, token);
	size_t len = 0;

	for (i = first; i != NONE; i = b->fields[i].next)
		len += (i == first ? 0 : JOINT) + b->fields[i].len;
	return len;
}

int
lws_block_copy(const struct lws_block *b, enum lws_token_indexes token,
	       char *dest, size_t len)
{
	const size_t length = lws_block_length(b, token);
	uint8_t i, first = first_of(b, token);
	struct lws_buf out;

	if (len)
		dest[0] = '\0';
	if (first == NONE)
		return 0;
	if (length >= len)
		return -1;
	lws_buf_init(&out, dest, len);
	for (i = first; i != NONE; i = b->fields[i].next) {
		if (i != first)
			lws_buf_puts(&out, joint(token));
		lws_buf_put(&out, b->bytes + b->fields[i].at,
			    b->fields[i].len);
	}
	dest[length] = '\0';
	return (int)length;
}

/* ---- limits ---- */

/*
 * A later field of which nothing would be left goes altogether, so that no
 * value ends in a joint.
 */
static bool
cut_chain(struct lws_block *b, uint8_t *link, size_t most)
{
	size_t used = 0;
	bool cut = false;

	while (*link != NONE) {
		struct field *f = &b->fields[*link];

		if (f->len > most - used) {
			f->len = (uint32_t)(most - used);
			cut = true;
		}
		used += f->len + JOINT;
		link = &f->next;
		if (used >= most)
			break;
	}
	if (*link == NONE)
		return cut;
	*link = NONE;
	return true;
}

int
lws_block_cut(struct lws_block *b, const struct lws_token_limits *limits)
{
	int token, cut = -1;

	for (token = 0; token < WSI_TOKEN_COUNT; token++)
		if (cut_chain(b, &b->first[token], limits->token_limit[token]))
			cut = token;
	return cut;
}
