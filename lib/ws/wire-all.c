/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/wire-all.c - the versions of a build that speaks them all.
 *
 * SPEC_LATEST_SUPPORTED takes away those with a higher number; version 76,
 * whose number in the API is 0 too, is older than all others and stays.
 */
#include "ws/wire.h"

#include "base/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* newest first; @list names this one and those behind it that have a field */
static const struct {
	struct lws_wire wire;
	const char *list;
} versions[] = {
	{ { 13, &lws_framer_13, &lws_handshake_13 }, "13, 8, 7, 6, 5, 4" },
	{ { 8, &lws_framer_08, &lws_handshake_08 }, "8, 7, 6, 5, 4" },
	{ { 7, &lws_framer_07, &lws_handshake_07 }, "7, 6, 5, 4" },
	{ { 6, &lws_framer_06, &lws_handshake_06 }, "6, 5, 4" },
	{ { 5, &lws_framer_05, &lws_handshake_05 }, "5, 4" },
	{ { 4, &lws_framer_04, &lws_handshake_04 }, "4" },
	{ { 0, &lws_framer_76, &lws_handshake_76 }, "" },
};

const struct lws_wire *
lws_wire_find(int version)
{
	const int wanted = version == LWS_WIRE_76 ? 0 : version;
	size_t n;

	if (wanted > SPEC_LATEST_SUPPORTED)
		return NULL;
	for (n = 0; n < COUNT(versions); n++)
		if (versions[n].wire.version == wanted)
			return &versions[n].wire;
	return NULL;
}

const char *
lws_wire_versions(void)
{
	size_t n = 0;

	while (n + 1 < COUNT(versions) &&
	       versions[n].wire.version > SPEC_LATEST_SUPPORTED)
		n++;
	return versions[n].list;
}
