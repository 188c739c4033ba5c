/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * test-echo.c - libwebsockets-test-echo: returns messages, or asks for it.
 *
 * As a server it is what conformance checkers and load generators talk to; as
 * a client it sends a line now and then and shows what comes back.
 */
#include "echo.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

#define PROGRAM "libwebsockets-test-echo"

#define CLIENT_PORT 80
#define ECHO_CHUNK 65536

static const struct program program = {
	.name = PROGRAM,
	.role = "echo",
	.usage =
	"\n"
	"       [--port=<p>] [--client <address>] [-d <log bitfield>]\n"
	"\n"
	"  -p, --port=<p>           listen on, or connect to, this port\n"
	"                           (7681; with --client before it 80)\n"
	"  -i, --interface=<name>   only on this interface or address\n"
	"  -T, --threads=<n>        server: by so many threads (1)\n"
	"  -c, --client=<address>   be a client of that server\n"
	"  -u, --uri=<path>         client: path to ask for (/)\n"
	"  -r, --ratems=<ms>        client: time between messages (250)\n"
	"  -v, --versa              client: echo instead of talking\n"
	"  -s, --ssl                use TLS\n"
	"  -C, --ssl-cert=<path>    certificate; client: authority to trust\n"
	"  -k, --ssl-key=<path>     key of the certificate\n"
	"  -P, --passphrase=<text>  passphrase of the key\n"
	"      --no-compress        neither offer nor accept compression\n"
	"      --deflate=<list>     compress like this, words and commas:\n"
	"                           level=<n>  effort, from 1 to 9\n"
	"                           mem=<n>  memory for it, from 1 to 9\n"
	"                           window=<n>  our window at most, and\n"
	"                           peer-window=<n>  the peer's, 9 to 15 bits\n"
	"                           keep, or reset  ours after each message\n"
	"                           peer-reset  have the peer reset its own\n"
	"                           no-share  do not remember the last one\n"
	"                           min=<bytes>  leave what is shorter (32)\n"
	"  -D, --daemonize          server: go on in the background\n"
	"      --lock=<path>        of it: the lock file "
	"(/tmp/.lwstecho-lock)\n"
	"  -d, --debug=<bits>       log: 1 errors, 2 warnings, 4 notices,\n"
	"                           8 info, 16 debug, ... added up (7)\n"
	"  -h, --help               print this and end\n"
	"  -V, --version            print the version and end\n",
};

enum { OPTION_NO_COMPRESS = 256, OPTION_DEFLATE, OPTION_LOCK };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "debug", required_argument, NULL, 'd' },
	{ "port", required_argument, NULL, 'p' },
	{ "client", required_argument, NULL, 'c' },
	{ "ratems", required_argument, NULL, 'r' },
	{ "ssl", no_argument, NULL, 's' },
	{ "interface", required_argument, NULL, 'i' },
	{ "threads", required_argument, NULL, 'T' },
	{ "daemonize", no_argument, NULL, 'D' },
	{ "ssl-cert", required_argument, NULL, 'C' },
	{ "ssl-key", required_argument, NULL, 'k' },
	{ "passphrase", required_argument, NULL, 'P' },
	{ "versa", no_argument, NULL, 'v' },
	{ "uri", required_argument, NULL, 'u' },
	{ "lock", required_argument, NULL, OPTION_LOCK },
	{ "no-compress", no_argument, NULL, OPTION_NO_COMPRESS },
	{ "deflate", required_argument, NULL, OPTION_DEFLATE },
	{ NULL, 0, NULL, 0 }
};

static struct {
	struct echo_client client;
	int port;
	int debug;
	int threads;
	const char *iface;
	const char *lock_path;
	const char *cert;
	const char *key;
	const char *passphrase;
	bool ssl;
	bool daemonize;
	bool no_compress;
	bool deflate_given;
	struct lws_deflate_options deflate;
} options = {
	.client = { .uri = "/", .period_ms = 250 },
	.port = DEFAULT_PORT,
	.debug = 7,
	.lock_path = "/tmp/.lwstecho-lock",
	.threads = 1,
};

/* ---- the server ---- */

static struct libwebsocket_protocols protocols[] = {
	{ .name = "default", .callback = echo_callback,
	  .per_session_data_size = sizeof(struct echo_session),
	  .rx_buffer_size = ECHO_CHUNK },
	{ .name = NULL }
};

/* ---- the command line ---- */

/* Where the argument goes of an option that takes any; NULL: of no such. */
static const char **
place_of(int letter)
{
	switch (letter) {
	case 'i':
		return &options.iface;
	case 'C':
		return &options.cert;
	case 'k':
		return &options.key;
	case 'P':
		return &options.passphrase;
	case 'u':
		return &options.client.uri;
	case OPTION_LOCK:
		return &options.lock_path;
	default:
		return NULL;
	}
}

/* Take one option: -1, or the status to end the program with. */
static int
take_option(int letter)
{
	const char **place = place_of(letter);
	bool good = true;

	if (place) {
		*place = optarg;
		return -1;
	}
	switch (letter) {
	case 'h':
		return program_help(&program);
	case 'V':
		return program_version(&program);
	case 'd':
		good = parse_int("log level", optarg, 0, 0xffff,
				 &options.debug);
		break;
	case 'p':
		good = parse_int("port", optarg, 0, 65535, &options.port);
		break;
	case 'c':
		options.client.address = optarg;
		options.port = CLIENT_PORT;
		break;
	case 'r':
		good = parse_int("rate", optarg, 1, 3600 * 1000,
				 &options.client.period_ms);
		break;
	case 's':
		options.ssl = true;
		break;
	case 'T':
		good = parse_int("number of threads", optarg, 1,
				 ECHO_THREADS_MAX, &options.threads);
		break;
	case 'D':
		options.daemonize = true;
		break;
	case 'v':
		options.client.versa = true;
		break;
	case OPTION_NO_COMPRESS:
		options.no_compress = true;
		break;
	case OPTION_DEFLATE:
		options.deflate_given = true;
		good = echo_deflate_parse(optarg, &options.deflate);
		break;
	default:
		good = false;
	}
	return good ? -1 : program_misuse(&program);
}

/* What was asked for must be in this build: -1, or the status to end with. */
static int
check_possible(void)
{
	if (options.client.address && !built_with_client()) {
		fprintf(stderr, PROGRAM ": --client: this build has no "
			"client\n");
		return 1;
	}
	if (!options.client.address && !built_with_server()) {
		fprintf(stderr, PROGRAM ": this build has no server, name one "
			"with --client\n");
		return 1;
	}
	if (options.ssl && !built_with_tls()) {
		fprintf(stderr, PROGRAM ": --ssl: this build has no TLS\n");
		return 1;
	}
	if (options.deflate_given && options.no_compress) {
		fprintf(stderr, PROGRAM
			": --deflate: not with --no-compress\n");
		return 1;
	}
	if (options.deflate_given && !built_extensions(true)) {
		fprintf(stderr, PROGRAM ": --deflate: this build has no "
			"extensions\n");
		return 1;
	}
	if (options.threads > 1 && options.client.address) {
		fprintf(stderr, PROGRAM
			": --threads: only a server has several\n");
		return 1;
	}
	if (options.daemonize && options.client.address) {
		fprintf(stderr, PROGRAM
			": --daemonize: only a server can do that\n");
		return 1;
	}
	if (options.daemonize && !built_with_daemonize()) {
		fprintf(stderr, PROGRAM ": --daemonize: this build cannot go "
			"into the background\n");
		return 1;
	}
	return -1;
}

static int
parse(int argc, char **argv)
{
	int letter, status = -1;

	while (status < 0 &&
	       (letter = getopt_long(argc, argv, "hVd:p:c:r:si:T:DC:k:P:vu:",
				     long_options, NULL)) >= 0)
		status = take_option(letter);
	if (status >= 0)
		return status;
	if (optind < argc) {
		fprintf(stderr, PROGRAM ": unexpected argument '%s'\n",
			argv[optind]);
		return program_misuse(&program);
	}
	return check_possible();
}

/* ---- both ---- */

#ifndef INSTALL_DATADIR
#define INSTALL_DATADIR "/usr/local/share"
#endif
#define TEST_CERT INSTALL_DATADIR "/libwebsockets-test-server/" \
				  "libwebsockets-test-server"

static void
set_up_tls(struct lws_context_creation_info *info)
{
	if (!options.ssl)
		return;
	info->ssl_private_key_password = options.passphrase;
	if (options.client.address) {
		info->ssl_ca_filepath = options.cert;
		options.client.ssl_connection = options.cert ? 1 : 2;
		return;
	}
	info->ssl_cert_filepath = options.cert ? options.cert :
						 TEST_CERT ".pem";
	info->ssl_private_key_filepath = options.key ? options.key :
						       TEST_CERT ".key.pem";
}

static struct libwebsocket_context *
open_context(void)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.port = options.port;
	info.count_threads = (unsigned int)options.threads;
	if (options.client.address) {
		info.port = CONTEXT_PORT_NO_LISTEN;
		protocols[0].callback = echo_client_callback;
		options.client.port = options.port;
	}
	info.iface = options.iface;
	info.protocols = protocols;
	info.extensions = built_extensions(!options.no_compress);
	info.deflate = options.deflate;
	info.gid = -1;
	info.uid = -1;
	set_up_tls(&info);
	return libwebsocket_create_context(&info);
}

/* Go on in the background, where paths mean what they meant here. */
static bool
detach(void)
{
	static char cert[PATH_MAX], key[PATH_MAX];

	if (options.cert)
		options.cert = absolute(options.cert, cert);
	if (options.key)
		options.key = absolute(options.key, key);
	return !go_background(options.lock_path, "lwstecho", options.debug);
}

int
main(int argc, char **argv)
{
	struct libwebsocket_context *context;
	int status = parse(argc, argv);

	if (status >= 0)
		return status;
	program_banner(&program, stderr);
	lws_set_log_level(options.debug, NULL);
	if (options.daemonize && !detach())
		return 1;

	raise_descriptor_limit();
	stop_on_signals();
	context = open_context();
	if (!context) {
		lwsl_err("libwebsocket init failed\n");
		return -1;
	}
	stop_wakes(context);
	status = options.client.address ?
		 echo_client_run(context, &options.client) :
		 echo_serve_threads(context, options.threads);
	stop_wakes(NULL);
	libwebsocket_context_destroy(context);
	lwsl_notice("libwebsockets-test-echo exited cleanly\n");
	return status;
}
