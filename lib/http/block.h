/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/block.h - filling the index of a header block.  Private to http/.
 */
#ifndef LWS_HTTP_BLOCK_H
#define LWS_HTTP_BLOCK_H

#include "http/http.h"

/* RFC 6585; the public enumeration ends before it */
#define LWS_HTTP_FIELDS_TOO_LARGE 431

/* fields that a block can index */
#define LWS_BLOCK_FIELDS_MAX 255

/* The complete head, from its first line to the empty one. */
struct lws_span lws_block_head(const struct lws_block *b);

/*
 * Index @value, which lies in lws_block_head(), as one more field of @token.
 * 0, or the HTTP status that refuses it: 503, out of memory; 431, there are
 * LWS_BLOCK_FIELDS_MAX.
 */
int lws_block_add(struct lws_block *b, enum lws_token_indexes token,
		  struct lws_span value);

/* The same, and it is the only one from now on. */
int lws_block_replace(struct lws_block *b, enum lws_token_indexes token,
		      struct lws_span value);

/*
 * Cut what lws_block_copy() gives to at most the characters that @limits
 * allows for each token.  The highest token that lost something, or -1.
 */
int lws_block_cut(struct lws_block *b, const struct lws_token_limits *limits);

#endif
