/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/ext.h - what stands between frames and messages: extensions of RFC 6455
 * section 9.
 *
 * An extension is a const struct of functions and, per connection, a state.
 * It works on payload, between a frame and the message it belongs to, or on
 * bytes, between a frame and the socket; one brought by an application works
 * on both.  Like every codec it is pulled: given a piece it makes the next
 * piece of output, in bounded steps, and is asked again for more.
 */
#ifndef LWS_EXT_EXT_H
#define LWS_EXT_EXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libwebsockets.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/span.h"
#include "ws/framer.h"

struct lws_ext_ops;
struct lws_ext_pool;

/* most output of one step: bytes */
#define LWS_EXT_STEP (16 * 1024)

/* writable bytes around output that is ready for an application */
#define LWS_EXT_LEAD  32
#define LWS_EXT_SLACK 32

/*
 * A part of a frame's payload, or of a stream of bytes.
 *
 * In: on its way to the application @bits are those of its frame, of which an
 * extension takes off the RSV bits that are its own; @last ends its frame.  On
 * its way out a piece is all of a frame that the application writes; @bits say
 * whether it ends the message, and an extension puts its RSV bits on.  An
 * extension that makes several pieces of one out of it sends a frame for each,
 * of which the first carries the RSV bits and only the last may have FIN.
 *
 * For bytes only @data counts.
 */
struct lws_ext_piece {
	struct lws_span data;
	uint8_t opcode;		/* of its frame: TEXT, BINARY, CONTINUATION */
	uint8_t kind;		/* TEXT or BINARY: of the message it is in */
	uint8_t bits;		/* LWS_FRAME_FIN and RSV bits of its frame */
	bool first;		/* begins its frame */
	bool last;		/* ends its frame */
	bool bare;		/* out: LWS_WRITE_NO_COMPRESS */
};

/* results of a step; negative ones are enum lws_err */
#define LWS_EXT_NOTHING 0	/* the piece is used up, nothing to show */
#define LWS_EXT_PIECE   1	/* *out is filled, the piece is used up */
#define LWS_EXT_MORE    2	/* *out is filled, ask again with the same */

/*
 * One step: take from the front of @in->data, fill all of @out, whose data is
 * the extension's memory, or the loop's, or @in's, good until the next step of
 * that direction by any connection.  After LWS_EXT_MORE it is asked again with
 * what it left of @in, and that is only said when output does follow.  What an
 * extension makes itself is at most LWS_EXT_STEP bytes a step.  A piece that
 * is the last of its frame always ends in an output that is, perhaps empty.
 * Errors: LWS_ERR_TEXT when data does not inflate (1007), LWS_ERR_LIMIT when a
 * frame is larger than allowed (1009), LWS_ERR_PROTOCOL (1002), LWS_ERR_NOMEM.
 */
typedef int(lws_ext_step)(void *state, struct lws_ext_piece *in,
			  struct lws_ext_piece *out);

/* ---- parameters: negotiate.c ---- */

#define LWS_EXT_PARAMS_MAX 8

/* one member of Sec-WebSocket-Extensions */
struct lws_ext_param {
	struct lws_span name;
	struct lws_span value;	/* unquoted */
	bool has_value;
};

struct lws_ext_offer {
	struct lws_span name;
	struct lws_ext_param params[LWS_EXT_PARAMS_MAX];
	unsigned count;
	bool too_many;		/* there were more: nobody can accept it */
	uint8_t text[64];	/* values that had to be unquoted */
};

/* what a deflate agreed on, this end's view */
struct lws_ext_config {
	uint8_t tx_bits, rx_bits;	/* windows: 8 to 15 */
	bool tx_reset, rx_reset;	/* no context takeover */
	bool client;			/* this end is */
	bool share;			/* remember what a message came to */
	uint8_t level, mem_level;
	size_t min_size;		/* shorter messages go as they are */
};

/* ---- the interface ---- */

struct lws_ext_ops {
	const char *name;
	bool deflate;	/* at most one of these is active at a time */
	bool padded;	/* rx() output has LWS_EXT_LEAD and _SLACK around it */
	uint8_t rsv;	/* RSV bits it claims */

	/*
	 * A client's offer: write what follows the name ("; a=b").  NULL: has
	 * no parameters, and is offered.
	 */
	void (*offer)(const struct lws_deflate_options *options,
		      struct lws_buf *out);

	/* false: servers accept it, clients do not offer it */
	bool offered;

	/*
	 * A server: 1 when @offer can be accepted, with what follows the name
	 * in the answer written to @answer and *@config filled; 0 to decline.
	 * NULL: accepted when it has no parameters.
	 */
	int (*accept)(const struct lws_deflate_options *options,
		      const struct lws_ext_offer *offer,
		      struct lws_buf *answer, struct lws_ext_config *config);

	/*
	 * A client: 0 when @answer fits what offer() wrote, else
	 * LWS_ERR_PROTOCOL with the reason in *@why.
	 */
	int (*confirm)(const struct lws_deflate_options *options,
		       const struct lws_ext_offer *answer,
		       struct lws_ext_config *config, const char **why);

	/* A state for one connection, or NULL when out of memory. */
	void *(*open)(const struct lws_ext_config *config,
		      struct lws_ext_pool *pool);

	/*
	 * Where a message sent whole comes to the same bytes on every
	 * connection of the same configuration, that; else NULL.  The function
	 * may be NULL where it never does.
	 */
	const struct lws_ext_config *(*repeats)(const void *state);

	/* Steps; those it has nothing to do in are NULL. */
	lws_ext_step *rx, *tx;			/* payload */
	lws_ext_step *rx_bytes, *tx_bytes;	/* below the frames */

	void (*close)(void *state);
};

extern const struct lws_ext_ops lws_ext_permessage_deflate;
extern const struct lws_ext_ops lws_ext_webkit_deflate_frame;
extern const struct lws_ext_ops lws_ext_deflate_frame;
extern const struct lws_ext_ops lws_ext_deflate_stream;

/* The ops of a built-in entry of the array, NULL when it is not one of ours. */
const struct lws_ext_ops *
lws_ext_builtin(const struct libwebsocket_extension *ext);

#endif
