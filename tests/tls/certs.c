/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/certs.c - make an authority and certificates to test with.
 *
 *	certs DIRECTORY
 *
 * Everything is new each time and worth nothing elsewhere.  "x.pem" has the
 * certificate and "x.key.pem" its key; most are for localhost, 127.0.0.1, ::1
 * and *.example.org, signed by the authority in ca.pem:
 *
 *	server		good
 *	host		good, for host.example.net alone
 *	expired early	outdated, not valid yet
 *	self		signed by itself
 *	outdated	signed by itself, and expired
 *	stranger	signed by an authority nobody knows
 *	client		a client's
 *	locked		the key has the passphrase "secret"
 *	garbage		no PEM at all
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400L

static const char hosts[] =
	"DNS:localhost,DNS:*.example.org,DNS:slow.test,IP:127.0.0.1,IP:::1";

struct kind {
	const char *name;	/* NULL: not written to a file */
	const char *subject, *alt;
	long from, until;	/* days from now */
	bool authority;
};

static const char *folder;

static void *
need(void *p)
{
	if (!p) {
		perror("certs");
		exit(1);
	}
	return p;
}

static FILE *
file(const char *name, const char *end)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s%s", folder, name, end);
	return need(fopen(path, "w"));
}

static void
add(X509 *x, X509 *issuer, int what, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = need(X509V3_EXT_conf_nid(NULL, &ctx, what, value));
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

static void
set_name(X509_NAME *name, const char *text)
{
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)text, -1, -1, 0);
}

/* A certificate for @key, signed by @issuer, which is NULL for itself. */
static X509 *
make(const struct kind *k, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer)
{
	static long serial;
	X509 *x = need(X509_new());

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(x), k->from * DAY);
	X509_gmtime_adj(X509_getm_notAfter(x), k->until * DAY);
	set_name(X509_get_subject_name(x), k->subject);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509_set_pubkey(x, key);
	add(x, issuer ? issuer : x, NID_basic_constraints,
	    k->authority ? "critical,CA:TRUE" : "CA:FALSE");
	add(x, issuer ? issuer : x, NID_subject_key_identifier, "hash");
	if (k->alt)
		add(x, issuer ? issuer : x, NID_subject_alt_name, k->alt);
	if (!X509_sign(x, issuer ? signer : key, EVP_sha256()))
		exit(1);
	return x;
}

static void
save_cert(const char *name, X509 *x)
{
	FILE *f = file(name, ".pem");

	PEM_write_X509(f, x);
	fclose(f);
}

static void
save_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	FILE *f = file(name, ".key.pem");

	PEM_write_PrivateKey(f, key, passphrase ? EVP_aes_128_cbc() : NULL,
			     (const unsigned char *)passphrase,
			     passphrase ? (int)strlen(passphrase) : 0, NULL,
			     NULL);
	fclose(f);
}

static X509 *
write_pair(const struct kind *k, X509 *issuer, EVP_PKEY *signer)
{
	EVP_PKEY *key = need(EVP_EC_gen("P-256"));
	X509 *x = make(k, key, issuer, signer);

	save_cert(k->name, x);
	save_key(k->name, key, strcmp(k->name, "locked") ? NULL : "secret");
	EVP_PKEY_free(key);
	return x;
}

static const struct kind by_authority[] = {
	{ "server", "localhost", hosts, -1, 30, false },
	{ "host", "host.example.net", "DNS:host.example.net", -1, 30, false },
	{ "expired", "localhost", hosts, -20, -10, false },
	{ "early", "localhost", hosts, 10, 20, false },
	{ "client", "client", NULL, -1, 30, false },
	{ "locked", "localhost", hosts, -1, 30, false },
};

static const struct kind by_itself[] = {
	{ "self", "localhost", hosts, -1, 30, false },
	{ "outdated", "localhost", hosts, -20, -10, false },
};

int
main(int argc, char **argv)
{
	static const struct kind ca_kind = {
		NULL, "Authority of a test", NULL, -30, 60, true,
	};
	static const struct kind stranger = {
		"stranger", "localhost", hosts, -1, 30, false,
	};
	static const struct kind nobody = {
		NULL, "Nobody", NULL, -30, 60, true,
	};
	EVP_PKEY *ca_key = need(EVP_EC_gen("P-256"));
	EVP_PKEY *other_key = need(EVP_EC_gen("P-256"));
	X509 *ca = make(&ca_kind, ca_key, NULL, NULL);
	X509 *other = make(&nobody, other_key, NULL, NULL);
	FILE *f;
	size_t n;

	if (argc != 2)
		return 2;
	folder = argv[1];
	save_cert("ca", ca);
	for (n = 0; n < sizeof(by_authority) / sizeof(by_authority[0]); n++)
		X509_free(write_pair(&by_authority[n], ca, ca_key));
	for (n = 0; n < sizeof(by_itself) / sizeof(by_itself[0]); n++)
		X509_free(write_pair(&by_itself[n], NULL, NULL));
	X509_free(write_pair(&stranger, other, other_key));
	f = file("garbage", ".pem");
	fputs("this is no certificate\n", f);
	fclose(f);
	X509_free(ca);
	X509_free(other);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(other_key);
	return 0;
}
