/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/zip.c - raw deflate (RFC 1951) in steps of bounded output, on zlib.
 *
 * A step has room for a little more than it gives away: only when something
 * lands there is it certain that output follows.  What landed waits in the
 * connection's state, for the room is shared.
 */
#include "ext/zip.h"

#include "base/alloc.h"
#include "base/size.h"

/* zlib counts in unsigned int; more than this is handed over in parts */
#define MOST_AT_ONCE ((size_t)1 << 30)

/* what a flush ends in, and senders cut */
static const uint8_t cut[] = { 0x00, 0x00, 0xff, 0xff };

static voidpf
get_memory(voidpf opaque, uInt items, uInt size)
{
	size_t bytes;

	(void)opaque;
	return lws_mul_ok(items, size, &bytes) ? lws_alloc(bytes) : NULL;
}

static void
free_memory(voidpf opaque, voidpf address)
{
	(void)opaque;
	lws_free(address);
}

/*
 * zlib's compressor has no window of 256 bytes.  With Z_RLE it makes no match
 * farther back than one byte, which any window holds.
 */
static int
init_deflate(z_stream *z, const struct lws_zip_kind *kind)
{
	if (kind->bits == 8)
		return deflateInit2(z, kind->level, Z_DEFLATED, -9,
				    kind->mem_level, Z_RLE);
	return deflateInit2(z, kind->level, Z_DEFLATED, -kind->bits,
			    kind->mem_level, Z_DEFAULT_STRATEGY);
}

struct lws_zip *
lws_zip_new(const struct lws_zip_kind *kind)
{
	struct lws_zip *zip = lws_zalloc(sizeof(*zip));
	int rc;

	if (!zip)
		return NULL;
	zip->kind = *kind;
	zip->z.zalloc = get_memory;
	zip->z.zfree = free_memory;
	rc = kind->deflate ? init_deflate(&zip->z, kind)
			   : inflateInit2(&zip->z, -kind->bits);
	if (rc != Z_OK) {
		lws_free(zip);
		return NULL;
	}
	return zip;
}

void
lws_zip_reset(struct lws_zip *zip)
{
	if (zip->kind.deflate)
		deflateReset(&zip->z);
	else
		inflateReset(&zip->z);
}

void
lws_zip_free(struct lws_zip *zip)
{
	if (zip->kind.deflate)
		deflateEnd(&zip->z);
	else
		inflateEnd(&zip->z);
	lws_free(zip);
}

bool
lws_zip_same(const struct lws_zip_kind *a, const struct lws_zip_kind *b)
{
	return a->deflate == b->deflate && a->bits == b->bits &&
	       a->level == b->level && a->mem_level == b->mem_level;
}

/*
 * Go on behind a final block.  What is inflated until now stays in the window:
 * a sender that has begun anew does not refer to it, one that has not may (RFC
 * 7692 section 7.2.3.4).  inflateReset() would forget it, and taking it out and
 * putting it back would copy 32 KiB for every two bytes of a hostile message.
 */
static void
go_on(struct lws_unzip *u)
{
	inflateResetKeep(&u->zip->z);
	u->final = false;
}

/* Inflate until @in is used up or there is no room. */
static int
inflate_some(struct lws_unzip *u, struct lws_span *in)
{
	z_stream *z = &u->zip->z;
	int rc;

	for (;;) {
		const size_t n = lws_min(in->len, MOST_AT_ONCE);

		if (u->final && !n)
			return 0;
		if (u->final)
			go_on(u);
		z->next_in = in->p;
		z->avail_in = (uInt)n;
		rc = inflate(z, Z_SYNC_FLUSH);
		lws_span_skip(in, n - z->avail_in);
		if (rc == Z_MEM_ERROR)
			return LWS_ERR_NOMEM;
		if (rc != Z_OK && rc != Z_BUF_ERROR && rc != Z_STREAM_END)
			return LWS_ERR_TEXT;
		u->final = rc == Z_STREAM_END;
		if (!in->len || !z->avail_out)
			return 0;
	}
}

/*
 * Put back what was cut.  It completes an empty stored block, so that zlib
 * stands between two blocks then (data_type says so), unless bytes are missing.
 * Behind a final block there is nothing to complete.
 */
static int
inflate_tail(struct lws_unzip *u)
{
	struct lws_span rest = lws_span(cut + u->tail, sizeof(cut) - u->tail);
	int rc;

	if (u->final)
		return 0;
	rc = inflate_some(u, &rest);
	u->tail = (uint8_t)(sizeof(cut) - rest.len);
	if (rc || !u->zip->z.avail_out)
		return rc;
	return u->zip->z.data_type == 128 ? 0 : LWS_ERR_TEXT;
}

int
lws_unzip_step(struct lws_unzip *u, struct lws_span *in, bool end,
	       struct lws_span *out)
{
	const size_t room = LWS_EXT_STEP + LWS_UNZIP_AHEAD;
	z_stream *z;
	int rc;

	out->len = 0;
	u->begun = u->begun || in->len;
	if (!u->begun)
		return LWS_EXT_PIECE;
	z = &u->zip->z;
	out->p[0] = u->ahead;
	z->next_out = out->p + u->has_ahead;
	z->avail_out = (uInt)(room - u->has_ahead);
	rc = inflate_some(u, in);
	if (!rc && end && !in->len && z->avail_out)
		rc = inflate_tail(u);
	if (rc)
		return rc;
	out->len = lws_min(room - z->avail_out, LWS_EXT_STEP);
	u->has_ahead = !z->avail_out;
	if (!u->has_ahead)
		return LWS_EXT_PIECE;
	u->ahead = out->p[LWS_EXT_STEP];
	return LWS_EXT_MORE;
}

void
lws_unzip_end(struct lws_unzip *u)
{
	u->tail = 0;
	u->begun = false;
}

/* Deflate until @in is used up and flushed, or there is no room. */
static void
deflate_some(z_stream *z, struct lws_span *in)
{
	size_t n;
	int flush;

	do {
		n = lws_min(in->len, MOST_AT_ONCE);
		flush = n == in->len ? Z_SYNC_FLUSH : Z_NO_FLUSH;
		z->next_in = in->p;
		z->avail_in = (uInt)n;
		deflate(z, flush);
		lws_span_skip(in, n - z->avail_in);
	} while (flush == Z_NO_FLUSH && z->avail_out);
}

/* Have up to a step and what is behind it at @p; the bytes that are there. */
static size_t
fill(struct lws_rezip *r, struct lws_span *in, uint8_t *p)
{
	const size_t room = LWS_EXT_STEP + LWS_REZIP_AHEAD;
	z_stream *z = &r->zip->z;

	memcpy(p, r->held, sizeof(r->held));
	if (r->flushed)
		return r->have;
	z->next_out = p + r->have;
	z->avail_out = (uInt)(room - r->have);
	deflate_some(z, in);
	r->flushed = z->avail_out > 0;
	return room - z->avail_out;
}

int
lws_rezip_step(struct lws_rezip *r, struct lws_span *in, bool end,
	       struct lws_span *out)
{
	size_t len = fill(r, in, out->p);

	/* zlib does not flush twice: nothing new is an empty block's head */
	if (r->flushed && end && !len)
		out->p[len++] = 0;
	else if (r->flushed && end)
		len -= sizeof(cut);
	out->len = lws_min(len, LWS_EXT_STEP);
	r->busy = !r->flushed || len > LWS_EXT_STEP;
	if (!r->busy) {
		r->have = 0;
		r->flushed = false;
		return LWS_EXT_PIECE;
	}
	r->have = (uint8_t)(len - LWS_EXT_STEP);
	memcpy(r->held, out->p + LWS_EXT_STEP, r->have);
	return LWS_EXT_MORE;
}
