/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/framer.h - frames of one protocol version, both ways.
 *
 * A framer is chosen once, at the handshake.  It knows no socket and no
 * message beyond what the frame rules need (is one unfinished?).  It is
 * pulled: next() gives back what it found in the bytes it is offered.
 */
#ifndef LWS_WS_FRAMER_H
#define LWS_WS_FRAMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/span.h"
#include "ws/opcode.h"

#define LWS_FRAME_HEAD_MAX 14	/* longest header any version writes */
#define LWS_FRAME_TAIL_MAX 1

/* bits of a frame's first byte, as in RFC 6455 section 5.2 */
#define LWS_FRAME_FIN  0x80
#define LWS_FRAME_RSV1 0x40
#define LWS_FRAME_RSV  0x70

/*
 * lws_rx_frame.rules: what this end accepts.  Versions whose masked frames
 * cannot be told from bare ones (4 to 6) take "bare" to mean a key of zeros
 * and nothing masked by it.
 */
#define LWS_RX_MASKED   1	/* we are a server: frames must be masked */
#define LWS_RX_UNMASKED 2	/* a server that takes bare frames too */

/* results of next(); negative ones are enum lws_err */
#define LWS_FRAMER_AGAIN 0	/* all taken, nothing to show yet */
#define LWS_FRAMER_PIECE 1	/* *out is filled */

/*
 * A part of one frame's payload; an empty frame is one empty piece.  The rest
 * of the input follows data without a gap.  Frames of version 76 end in a mark
 * instead of telling their length: left is 1 until the mark has been seen, and
 * when it comes alone, the last piece is empty and not the first.
 */
struct lws_piece {
	struct lws_span data;	/* unmasked, where it lay in the input */
	uint64_t left;		/* payload of this frame that follows */
	uint8_t opcode;		/* enum lws_opcode of this frame */
	uint8_t kind;		/* TEXT or BINARY: of the message it is in */
	uint8_t bits;		/* LWS_FRAME_FIN and RSV bits of this frame */
	bool first;		/* begins its frame */
};

/* reading state; zero it before init() */
struct lws_rx_frame {
	uint64_t left;		/* payload of the frame still to come */
	uint8_t *keys;		/* a version's own memory; 13 has none */
	uint8_t head[LWS_FRAME_HEAD_MAX];	/* a header cut by a read */
	uint8_t have;		/* bytes of it */
	uint8_t opcode;
	uint8_t mask[4];	/* rotated: mask[0] belongs to the next byte */
	/* together: what a framer looks at first is one aligned word */
	uint8_t step;		/* the framer's */
	uint8_t kind;		/* of the unfinished message, 0: none */
	uint8_t rules;		/* LWS_RX_* */
	uint8_t rsv;		/* RSV bits that an extension has claimed */
	uint8_t bits;
	bool any_opcode;	/* opcodes that RFC 6455 reserves are taken, as
				 * frames without a message */
};

/* writing state; zero it before init() */
struct lws_tx_frame {
	uint8_t *keys;		/* a version's own memory; 13 has none */
	uint8_t mask[4];	/* of the frame being copied, rotated */
	uint8_t masking;	/* payload goes through copy() (a client) */
	uint8_t step;		/* the framer's */
	uint8_t notes;		/* the owner's */
};

/* one frame to be written */
struct lws_frame_spec {
	uint64_t len;
	const uint8_t *mask;	/* 4 fresh random bytes; NULL: bare frame */
	uint8_t opcode;		/* enum lws_opcode */
	uint8_t bits;		/* LWS_FRAME_FIN, RSV bits */
	bool plain;		/* the mask is zeros, and masks nothing */
};

/* what the handshake left behind for versions whose frames need it */
struct lws_wire_keys {
	struct lws_span key, nonce;	/* header values as text */
	bool client;			/* we are the client */
	bool bare_ok;			/* a server takes bare frames, a client
					 * sends them */
};

/* Is payload masked on its way out?  Only that of a client is. */
LWS_INLINE bool
lws_masking(const struct lws_tx_frame *tx)
{
	return LWS_BUILT_CLIENT && tx->masking;
}

/* The mask of a frame to be written, NULL for a bare one. */
LWS_INLINE const uint8_t *
lws_frame_mask(const struct lws_frame_spec *spec)
{
	return LWS_BUILT_CLIENT ? spec->mask : NULL;
}

LWS_INLINE bool
lws_wire_client(const struct lws_wire_keys *keys)
{
	return LWS_BUILT_CLIENT && keys->client;
}

struct lws_framer_ops {
	const char *name;

	/*
	 * A bare frame below 126 bytes begins with its opcode and bits in one
	 * byte and its length in another, as RFC 6455 has it: who writes many
	 * may write those two bytes without asking head().
	 */
	bool short_form;

	bool check_text;	/* text must be UTF-8 */
	bool pings;		/* there are Pings and Pongs */
	bool close_coded;	/* a Close may say a code and a reason */
	bool close_echoed;	/* a Close is answered with its own payload,
				 * else with what close_build() makes */

	/* Make both states ready; 0 or LWS_ERR_NOMEM. */
	int (*init)(struct lws_rx_frame *rx, struct lws_tx_frame *tx,
		    const struct lws_wire_keys *keys);

	/*
	 * Find the next piece at the front of @in, unmask it where it lies and
	 * take it off @in.  Any slicing of the input gives the same payload
	 * and the same errors; an error shows as soon as the header has it.
	 * LWS_FRAMER_PIECE; LWS_FRAMER_AGAIN, and @in is empty; or
	 * LWS_ERR_PROTOCOL (1002), LWS_ERR_LIMIT (1009), after which it is not
	 * called again.
	 */
	int (*next)(struct lws_rx_frame *rx, struct lws_span *in,
		    struct lws_piece *out);

	/*
	 * Begin a frame: the header bytes written, of which there may be none,
	 * or LWS_ERR_UNSUPPORTED, if this version has no such frame.
	 */
	int (*head)(struct lws_tx_frame *tx, const struct lws_frame_spec *spec,
		    uint8_t head[LWS_FRAME_HEAD_MAX]);

	/* may a data frame hold this payload?  NULL: any */
	bool (*carries)(struct lws_span payload);

	/*
	 * Copy payload of the frame begun by head() to @to, masking on the
	 * way; parts of a frame in their order.  Used only while lws_masking():
	 * NULL in builds without clients.
	 */
	void (*copy)(struct lws_tx_frame *tx, uint8_t *to,
		     struct lws_span from);

	/* bytes behind the payload of the frame begun; NULL: never any */
	size_t (*tail)(struct lws_tx_frame *tx,
		       uint8_t tail[LWS_FRAME_TAIL_MAX]);

	/*
	 * Fill the payload of a Close as this version says @code and @reason,
	 * if it can; the bytes used.  See ws/close.h.
	 */
	size_t (*close_build)(uint8_t out[LWS_CONTROL_MAX], bool client,
			      uint16_t code, struct lws_span reason);

	/*
	 * Read one: 0 with *@code filled (1005 when there is none) and
	 * *@reason in the payload's memory, or an enum lws_err.
	 */
	int (*close_parse)(struct lws_span payload, uint16_t *code,
			   struct lws_span *reason);

	/* Free what init() made, or has not; NULL when it makes nothing. */
	void (*fini)(struct lws_rx_frame *rx, struct lws_tx_frame *tx);
};

extern const struct lws_framer_ops lws_framer_13;	/* RFC 6455 */
extern const struct lws_framer_ops lws_framer_08;	/* hybi-08 to -12 */
extern const struct lws_framer_ops lws_framer_07;	/* hybi-07 */
extern const struct lws_framer_ops lws_framer_06;	/* hybi-06 */
extern const struct lws_framer_ops lws_framer_05;	/* hybi-05 */
extern const struct lws_framer_ops lws_framer_04;	/* hybi-04 */
extern const struct lws_framer_ops lws_framer_76;	/* hixie-76 */

#endif
