/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/trust_contract.h - what the system trusts, and whether clients do.
 *
 * The system's store is where SSL_CERT_FILE and SSL_CERT_DIR in the environment
 * say; here it is the authority of the test, in a file or in a folder.  The
 * same rows hold for builds with that store and for those without it: only
 * what the system alone vouches for differs.
 */
#ifndef LWS_UNIT_TRUST_CONTRACT_H
#define LWS_UNIT_TRUST_CONTRACT_H

#include <sys/stat.h>

#include "unit/tls-pair.h"

/* A folder without anything, and one with the authority in it. */
static int
make_stores(void **state)
{
	if (unit_make_certs(state) ||
	    mkdir(unit_cert("empty"), 0700) || mkdir(unit_cert("store"), 0700))
		return -1;
	return unit_link_authority("store");
}

static const struct store {
	const char *name, *file, *folder;
	bool knows;
} stores[] = {
	{ "a file", "ca.pem", "empty", true },
	{ "a folder", "none.pem", "store", true },
	{ "file and folder", "ca.pem", "store", true },
	{ "a file of others", "self.pem", "empty", false },
	{ "no store at all", "none.pem", "none", false },
};

/* what the application asks for, and who is trusted for it in any case */
static const struct wish {
	const char *ca;
	unsigned options;
	bool asks_system, knows;
} wishes[] = {
	{ NULL, 0, true, false },
	{ "self.pem", 0, true, false },
	{ "ca.pem", 0, true, true },
	{ NULL, LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS, false, false },
	{ "self.pem", LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS, false, false },
	{ "ca.pem", LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS, false, true },
};

static void
try_wish(const struct store *store, const struct wish *wish, bool wanted)
{
	struct unit_tls t;

	unit_tls_begin(&t);
	t.connects.ssl_ca_filepath = unit_cert(wish->ca);
	t.connects.options = wish->options;
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	unit_tls_shake(&t, WHOLE);
	if (!t.at_client != wanted)
		fail_msg("%s, \"%s\" given, options %u: %d, \"%s\"",
			 store->name, wish->ca ? wish->ca : "", wish->options,
			 t.at_client, t.why);
	if (!wanted)
		assert_string_equal(t.why, "certificate refused: unable to get "
				    "local issuer certificate");
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* @has: the build has that store. */
static void
try_stores(bool has)
{
	const struct wish *wish;
	size_t n, m;

	for (n = 0; n < COUNT(stores); n++) {
		setenv("SSL_CERT_FILE", unit_cert(stores[n].file), 1);
		setenv("SSL_CERT_DIR", unit_cert(stores[n].folder), 1);
		for (m = 0; m < COUNT(wishes); m++) {
			wish = &wishes[m];
			try_wish(&stores[n], wish, wish->knows ||
				 (has && wish->asks_system && stores[n].knows));
		}
	}
}

#endif
