/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/wire.h - which protocol versions this build speaks.
 */
#ifndef LWS_WS_WIRE_H
#define LWS_WS_WIRE_H

#include "ws/framer.h"
#include "ws/handshake.h"

/* another number for version 0 */
#define LWS_WIRE_76 76

struct lws_wire {
	int version;	/* as in Sec-WebSocket-Version; 0 has no such field */
	const struct lws_framer_ops *framer;
	const struct lws_handshake_ops *handshake;
};

/* the version, or NULL when this build does not speak it */
const struct lws_wire *lws_wire_find(int version);

/* "13" or "13, 8, 7, ...": for a 426 answer, so without 0 */
const char *lws_wire_versions(void);

#endif
