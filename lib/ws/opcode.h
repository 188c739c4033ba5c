/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/opcode.h - RFC 6455 opcode numbers, the one language spoken inside.
 *
 * Framers of older versions translate to and from these.
 */
#ifndef LWS_WS_OPCODE_H
#define LWS_WS_OPCODE_H

enum lws_opcode {
	LWS_OP_CONTINUATION = 0,
	LWS_OP_TEXT = 1,
	LWS_OP_BINARY = 2,
	LWS_OP_CLOSE = 8,
	LWS_OP_PING = 9,
	LWS_OP_PONG = 10
};

/* most payload a control frame may have */
#define LWS_CONTROL_MAX 125

/* bit of every control opcode */
#define LWS_OP_CONTROL 8

#endif
