/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/zip.h - raw deflate (RFC 1951) in steps of bounded output, on zlib.
 *
 * A stream is heavy and is lent by the pool of a thread; what a connection
 * keeps of each direction is a few bytes.  A run is what is deflated in one go
 * and flushed: a message of permessage-deflate, a frame of deflate-frame.  The
 * last four bytes of the flush, 00 00 ff ff, are not sent (RFC 7692 section
 * 7.2.1).
 */
#ifndef LWS_EXT_ZIP_H
#define LWS_EXT_ZIP_H

#include <zlib.h>

#include "ext/ext.h"

/* streams of one kind can stand in for each other, once reset */
struct lws_zip_kind {
	bool deflate;
	uint8_t bits;		  /* the window: 8 to 15 */
	uint8_t level, mem_level; /* of a deflating one */
};

struct lws_zip {
	z_stream z;
	struct lws_zip *next; /* the pool's */
	struct lws_zip_kind kind;
};

/* NULL when out of memory; some of an inflating one's comes at first use */
struct lws_zip *lws_zip_new(const struct lws_zip_kind *kind);
void lws_zip_reset(struct lws_zip *zip);
void lws_zip_free(struct lws_zip *zip);

bool lws_zip_same(const struct lws_zip_kind *a, const struct lws_zip_kind *b);

/* ---- in ---- */

/* bytes that lws_unzip_step() wants behind LWS_EXT_STEP */
#define LWS_UNZIP_AHEAD 1

/* one direction's state; all zero at first */
struct lws_unzip {
	struct lws_zip *zip; /* NULL while it needs none */
	uint8_t ahead;	     /* the byte behind the last output */
	uint8_t tail;	     /* bytes of 00 00 ff ff that were put back */
	bool has_ahead;
	bool begun; /* the run has had input */
	bool final; /* a final block has ended, nothing followed */
};

/*
 * Inflate from the front of @in to out->p, where LWS_EXT_STEP bytes and
 * LWS_UNZIP_AHEAD are free.  @end: the run ends with @in; what its sender has
 * cut is put back.  u->zip must be there when @in is not empty.
 *
 * LWS_EXT_PIECE when @in is used up, LWS_EXT_MORE when output follows, both
 * with out->len filled; LWS_ERR_TEXT when it does not inflate, LWS_ERR_NOMEM.
 */
int lws_unzip_step(struct lws_unzip *u, struct lws_span *in, bool end,
		   struct lws_span *out);

/* Be ready for the next run; u->zip is as it was. */
void lws_unzip_end(struct lws_unzip *u);

/* ---- out ---- */

/* bytes that lws_rezip_step() wants behind LWS_EXT_STEP */
#define LWS_REZIP_AHEAD 5

struct lws_rezip {
	struct lws_zip *zip;
	uint8_t held[LWS_REZIP_AHEAD]; /* bytes behind the last output */
	uint8_t have;		       /* so many */
	bool busy;		       /* there was output, more follows */
	bool flushed;
};

/*
 * Deflate all of @in to out->p, where LWS_EXT_STEP bytes and LWS_REZIP_AHEAD
 * are free, and flush it, so that a peer can inflate it at once.  @end: the run
 * ends, and the last four bytes are cut.
 *
 * LWS_EXT_PIECE when that is done, LWS_EXT_MORE when output follows, both with
 * out->len filled.
 */
int lws_rezip_step(struct lws_rezip *r, struct lws_span *in, bool end,
		   struct lws_span *out);

#endif
