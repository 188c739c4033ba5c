/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/framer-13.h - functions of version 13 for older versions that frame
 * alike.  What they do is said at struct lws_framer_ops.
 */
#ifndef LWS_WS_FRAMER_13_H
#define LWS_WS_FRAMER_13_H

#include "ws/framer.h"

/* lws_rx_frame.step */
enum lws_step {
	LWS_STEP_START,		/* between frames */
	LWS_STEP_HEAD,		/* some of a header is in rx->head */
	LWS_STEP_FIRST,		/* header known, nothing shown yet */
	LWS_STEP_PAYLOAD	/* some payload shown */
};

/*
 * Show what there is of the payload of the frame that @rx remembers, unmasked
 * with rx->mask.  The results are those of next().
 */
int lws_framer13_payload(struct lws_rx_frame *rx, struct lws_span *in,
			 struct lws_piece *out);

int lws_framer13_init(struct lws_rx_frame *rx, struct lws_tx_frame *tx,
		      const struct lws_wire_keys *keys);
int lws_framer13_next(struct lws_rx_frame *rx, struct lws_span *in,
		      struct lws_piece *out);
int lws_framer13_head(struct lws_tx_frame *tx,
		      const struct lws_frame_spec *spec,
		      uint8_t head[LWS_FRAME_HEAD_MAX]);
void lws_framer13_copy(struct lws_tx_frame *tx, uint8_t *to,
		       struct lws_span from);

#endif
