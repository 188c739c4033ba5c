/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/wire-13.c - the versions of a build without old drafts: RFC 6455.
 *
 * A builder may lower SPEC_LATEST_SUPPORTED; below 13 nothing is left to
 * speak here, and both answers say so.
 */
#include "ws/wire.h"

#include "base/limits.h"

static const struct lws_wire wire_13 = {
	.version = 13,
	.framer = &lws_framer_13,
	.handshake = &lws_handshake_13,
};

const struct lws_wire *
lws_wire_find(int version)
{
	if (version != 13 || version > SPEC_LATEST_SUPPORTED)
		return NULL;
	return &wire_13;
}

const char *
lws_wire_versions(void)
{
	return SPEC_LATEST_SUPPORTED >= 13 ? "13" : "";
}
