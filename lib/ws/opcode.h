/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/opcode.h - RFC 6455 opcode numbers, the one language spoken inside.
 *
 * Framers of older versions translate to and from these.
 */
#ifndef LWS_WS_OPCODE_H
#define LWS_WS_OPCODE_H

#include <stdbool.h>

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

/* is @op in RFC 6455?  3 to 7 and 11 to 15 are reserved. */
static inline bool
lws_opcode_known(unsigned op)
{
	return (op & ~(unsigned)LWS_OP_CONTROL) <= LWS_OP_BINARY;
}

#endif
