/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/http.h - header blocks: collecting, parsing and writing them.
 *
 * RFC 9110 and 9112 as far as a WebSocket library needs them.  All of it is
 * pure: bytes in, facts out, no sockets, no connections, no logging.
 */
#ifndef LWS_HTTP_HTTP_H
#define LWS_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libwebsockets.h"
#include "base/buf.h"
#include "base/span.h"

/* ---- token.c: header names ---- */

/*
 * The token of a field name (without its colon, any case), or -1.  Names
 * longer than LWS_MAX_HEADER_NAME_LENGTH are unknown.  sec-websocket-origin
 * gives WSI_TOKEN_ORIGIN, sec-websocket-location WSI_TOKEN_HTTP_LOCATION.
 * Method, version and pseudo tokens are not found.
 */
int lws_token_find(struct lws_span name);

/* ---- block.c: one growing block of raw header bytes and an index ---- */

struct lws_block;

/* NULL when out of memory; starts with LWS_INITIAL_HDR_ALLOC bytes of room */
struct lws_block *lws_block_new(void);
void lws_block_free(struct lws_block *b);

/*
 * Take head bytes off @in, up to and including the empty line that ends the
 * head; what follows stays in @in.  Empty lines before the first line are
 * skipped.  1: the head is complete; 0: all taken, more is needed;
 * LWS_ERR_NOMEM; LWS_ERR_LIMIT: over LWS_MAX_HEAD_LEN in all, or over
 * LWS_MAX_HEADER_LEN in the first line (lws_block_first_line_too_long() tells
 * which).  The end is searched for once per byte however it is sliced.
 */
int lws_block_collect(struct lws_block *b, struct lws_span *in);
bool lws_block_first_line_too_long(const struct lws_block *b);

/* no head byte has been taken yet */
bool lws_block_empty(const struct lws_block *b);

/* Forget everything but keep the memory: the next request of a connection. */
void lws_block_reset(struct lws_block *b);

/*
 * Make @value (copied) the only value of @token; 0 or LWS_ERR_NOMEM.  Before
 * the first byte of a head is collected or after its last one, not between.
 * Spans that the block gave are void after this: its memory may move.
 */
int lws_block_set(struct lws_block *b, enum lws_token_indexes token,
		  struct lws_span value);

/* how many fields of that name came */
size_t lws_block_count(const struct lws_block *b,
		       enum lws_token_indexes token);

/* value of the @n-th field of that name, trimmed; {NULL, 0} beyond the last */
struct lws_span lws_block_nth(const struct lws_block *b,
			      enum lws_token_indexes token, size_t n);

/*
 * Length of the value, several fields joined with ", " (cookies with "; ");
 * 0 when absent.  With a limit (see lws_http_parse_request) excess is gone.
 */
size_t lws_block_length(const struct lws_block *b,
			enum lws_token_indexes token);

/*
 * Copy that value and a NUL into @dest of @len bytes: its length; 0 when
 * absent, -1 when it does not fit (and @dest is "" if @len > 0).
 */
int lws_block_copy(const struct lws_block *b, enum lws_token_indexes token,
		   char *dest, size_t len);

/* ---- parse.c: lines and fields of a complete block ---- */

enum lws_http_method {
	LWS_HTTP_GET, LWS_HTTP_HEAD, LWS_HTTP_POST, LWS_HTTP_OPTIONS,
	LWS_HTTP_PUT, LWS_HTTP_PATCH, LWS_HTTP_DELETE,
	LWS_HTTP_OTHER	/* a valid method name we do not serve */
};

/* what the head says, beside its fields; minor is the peer's, not ours */
struct lws_http_head {
	enum lws_http_method method;	/* request */
	uint16_t status;		/* response */
	uint8_t minor;			/* HTTP/1.x: x, at most 9 */
	bool keep_alive;		/* by version and Connection */
	bool connection_upgrade;	/* Connection has the token upgrade */
	bool upgrade_websocket;		/* Upgrade has the token websocket */
	bool chunked;			/* Transfer-Encoding ends in chunked */
	bool has_length;
	bool expect_continue;		/* Expect: 100-continue */
	uint64_t content_length;
};

/*
 * Parse a complete request: 0, or the HTTP status that refuses it: 400, 414,
 * 431, 501 (a transfer coding we do not have), 503 (out of memory), 505.
 * Fills the token table: the raw target's path as it was sent goes to the
 * method's token (WSI_TOKEN_GET_URI also for HEAD, ...), the part behind '?'
 * to WSI_TOKEN_HTTP_URI_ARGS, "HTTP/1.1" to WSI_TOKEN_HTTP.  The target may be
 * in absolute form; its authority then is the Host.  Refused: no or a second
 * Host (HTTP/1.0 may have none), a blank before a colon, folding, controls in
 * a value, Content-Length that differs or is no number, both lengths, a value
 * over LWS_MAX_HEADER_LEN, known or not, and more than 255 known fields.  A
 * lone LF ends a line.
 * @limits (may be NULL) cuts values as lws_token_limits describes; *@cut is
 * set to the token cut last, or -1.
 */
int lws_http_parse_request(struct lws_block *b, struct lws_http_head *head,
			   const struct lws_token_limits *limits, int *cut);

/*
 * Parse a complete response: 0, LWS_ERR_PROTOCOL or LWS_ERR_NOMEM.
 * WSI_TOKEN_HTTP holds what follows the version ("101 Switching Protocols").
 */
int lws_http_parse_response(struct lws_block *b, struct lws_http_head *head);

/* the token that holds the target of this method */
enum lws_token_indexes lws_http_uri_token(enum lws_http_method method);

/* ---- uri.c: the path an application sees ---- */

/*
 * Percent-decode @raw once and collapse "//", "/./" and "/../" without ever
 * climbing above "/", into @out (NUL-terminated, at least raw.len + 2 bytes).
 * Its length, or -1 for a bad escape, %00, a control character, or a target
 * that does not begin with '/' ("*" is given back as it is).
 */
int lws_uri_normalise(struct lws_span raw, char *out, size_t out_len);

/* ---- list.c: comma lists ---- */

/* Next non-empty member of a comma list, trimmed; false at the end. */
bool lws_list_next(struct lws_span *rest, struct lws_span *member);

/* where in the fields of one name; the rest is zero at first */
struct lws_words {
	enum lws_token_indexes token;
	size_t n;		/* fields begun */
	struct lws_span rest;	/* of the last of them */
};

/* The same with all fields of that name. */
bool lws_block_word(const struct lws_block *b, struct lws_words *words,
		    struct lws_span *word);

/* Is the token @word (any case) a member of any field named @token? */
bool lws_block_has_word(const struct lws_block *b,
			enum lws_token_indexes token, const char *word);

/* ---- chunked.c: a chunked body, pulled (RFC 9112 section 7.1) ---- */

struct lws_chunked {
	uint64_t left;		/* of the chunk, or size so far */
	uint16_t extra;		/* bytes of extension or trailer seen */
	uint8_t step;
	uint8_t digits;
};

void lws_chunked_init(struct lws_chunked *c);

/*
 * Take from @in: 1: *@out is body, in @in's memory; 0: all taken, more is
 * needed; 2: the body is complete, what follows stays in @in;
 * LWS_ERR_PROTOCOL: against the grammar, or size or trailer out of bounds.
 */
int lws_chunked_next(struct lws_chunked *c, struct lws_span *in,
		     struct lws_span *out);

/* ---- reply.c: writing heads ---- */

/* the phrase of a status code, "Unknown" where there is none */
const char *lws_http_reason(unsigned code);

/* "HTTP/1.<0, or 1 for any other minor> <code> <reason>" and the line end */
void lws_reply_status(struct lws_buf *out, unsigned minor, unsigned code);
void lws_reply_field(struct lws_buf *out, const char *name, const char *value);
void lws_reply_number(struct lws_buf *out, const char *name, uint64_t value);

/* the empty line */
void lws_reply_end(struct lws_buf *out);

#endif
