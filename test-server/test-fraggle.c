/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * test-fraggle.c - libwebsockets-test-fraggle: proves fragments end to end.
 *
 * The server sends messages of random bytes in a random number of fragments,
 * each followed by a message of four bytes: the sum of all bytes before, big
 * endian.  The client adds up what it gets and compares.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

#define PROGRAM "libwebsockets-test-fraggle"

/* what clients of all years can take */
#define FRAGMENTS_MAX 1024
#define FRAGMENT_MAX 2000
#define SUM_SIZE 4

static const struct program program = {
	.name = PROGRAM,
	.role = "fraggle",
	.usage =
	"\n"
	"       [--port=<p>] [--interface=<name>] [--ssl] [--killmask]\n"
	"       [-d <log bitfield>]\n"
	"   or: " PROGRAM " --client <server address>\n"
	"       [--port=<p>] [--version=<n>] [--ssl] [--killmask]\n"
	"       [-d <log bitfield>]\n"
	"\n"
	"The server sends messages in many fragments, the client checks\n"
	"their sums; its exit status is 1 when one was wrong or none came.\n"
	"It offers to compress, but not by deflate-stream, which would hide\n"
	"the fragments.\n"
	"\n"
	"  -c, --client            be the client of that server\n"
	"  -p, --port=<p>          listen on, or connect to, this port (7681)\n"
	"  -i, --interface=<name>  server: only on this interface or address\n"
	"  -s, --ssl               use TLS; client: also with a self-signed\n"
	"                          certificate\n"
	"  -v, --version=<n>       client: WebSocket version: 13, 8, 7, 6, 5,\n"
	"                          4\n"
	"  -k, --killmask          client: send unmasked; server: allow that\n"
	"  -d, --debug=<bits>      log: 1 errors, 2 warnings, 4 notices,\n"
	"                          8 info, 16 debug, ... added up (3)\n"
	"  -h, --help              print this and end\n"
	"  -V, --version           print the version and end\n",
};

enum { OPTION_VERSION = 256 };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", optional_argument, NULL, OPTION_VERSION },
	{ "debug", required_argument, NULL, 'd' },
	{ "port", required_argument, NULL, 'p' },
	{ "ssl", no_argument, NULL, 's' },
	{ "killmask", no_argument, NULL, 'k' },
	{ "interface", required_argument, NULL, 'i' },
	{ "client", no_argument, NULL, 'c' },
	{ NULL, 0, NULL, 0 }
};

static struct {
	const char *address;
	const char *iface;
	int port;
	int debug;
	int version;		/* as the library counts; -1: newest */
	bool client;
	bool ssl;
	bool killmask;
} options = {
	.port = DEFAULT_PORT,
	.debug = LLL_ERR | LLL_WARN,
	.version = -1,
};

struct session {
	/* the sum of the message, and of what it was made from */
	uint32_t sum;
	size_t total;
	int fragments;		/* server: still to send; client: received */
	bool begun;		/* server: a first fragment is out */
	bool summing;		/* the message with the sum is next */
	/* client: the server's sum as far as it has come */
	uint32_t told;
	size_t told_len;
};

static struct {
	bool over;
	unsigned int correct;
	unsigned int wrong;
} client;

static uint32_t
sum_of(const unsigned char *p, size_t len)
{
	uint32_t sum = 0;

	while (len--)
		sum += *p++;
	return sum;
}

/* ---- the server ---- */

static int
send_frame(struct libwebsocket *wsi, unsigned char *p, size_t len,
	   unsigned int kind)
{
	if (libwebsocket_write(wsi, p, len, kind) < (int)len) {
		fprintf(stderr, "writing to the client failed\n");
		return -1;
	}
	return 0;
}

static int
send_fragment(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      struct session *session)
{
	unsigned char data[FRAGMENT_MAX];
	unsigned int kind = LWS_WRITE_BINARY;
	int len = (int)random_below(FRAGMENT_MAX) + 1;

	if (!session->fragments) {
		session->fragments = (int)random_below(FRAGMENTS_MAX) + 1;
		fprintf(stderr, "Spamming %d random fragments\n",
			session->fragments);
		session->sum = 0;
		session->total = 0;
		session->begun = false;
	}
	if (libwebsockets_get_random(context, data, len) != len) {
		fprintf(stderr, "no random bytes\n");
		return -1;
	}
	if (session->begun)
		kind = LWS_WRITE_CONTINUATION;
	session->begun = true;
	session->sum += sum_of(data, (size_t)len);
	session->total += (size_t)len;
	if (--session->fragments)
		kind |= LWS_WRITE_NO_FIN;
	else
		session->summing = true;
	return send_frame(wsi, data, (size_t)len, kind);
}

static int
send_sum(struct libwebsocket *wsi, struct session *session)
{
	unsigned char data[SUM_SIZE];
	int n;

	fprintf(stderr, "Spamming session over, len = %zu. sum = 0x%lX\n",
		session->total, (unsigned long)session->sum);
	for (n = 0; n < SUM_SIZE; n++)
		data[n] = (unsigned char)(session->sum >> (8 * (3 - n)));
	session->summing = false;
	return send_frame(wsi, data, sizeof(data), LWS_WRITE_BINARY);
}

/* The version is in the request; the oldest clients do not send one. */
static int
accept_client(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	char text[8];
	int version = 0;

	fprintf(stderr, "server sees client connect\n");
	if (lws_hdr_copy(wsi, text, (int)sizeof(text), WSI_TOKEN_VERSION) > 0)
		version = (int)strtol(text, NULL, 10);
	fprintf(stderr, "accepted v%02d connection\n", version);
	if (!version) {
		fprintf(stderr, "WebSocket version 76 has no fragments\n");
		return -1;
	}
	libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

static int
server_callback(struct libwebsocket_context *context,
		struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user,
		void *in, size_t len)
{
	struct session *session = user;
	int failed;

	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_ESTABLISHED:
		return accept_client(context, wsi);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		failed = session->summing ? send_sum(wsi, session) :
			 send_fragment(context, wsi, session);
		libwebsocket_callback_on_writable(context, wsi);
		return failed;
	default:
		return 0;
	}
}

/* ---- the client ---- */

static void
compare(struct session *session)
{
	if (session->told_len == SUM_SIZE && session->told == session->sum) {
		fprintf(stderr, "EOM received %zu correctly from %d "
			"fragments\n", session->total, session->fragments);
		client.correct++;
	} else if (session->told_len == SUM_SIZE) {
		fprintf(stderr, "**** ERROR at EOM: length %zu, "
			"rx sum = 0x%lX, server says it sent 0x%lX\n",
			session->total, (unsigned long)session->sum,
			(unsigned long)session->told);
		client.wrong++;
	} else {
		fprintf(stderr, "**** ERROR at EOM: length %zu, "
			"the sum has %zu bytes, not %d\n", session->total,
			session->told_len, SUM_SIZE);
		client.wrong++;
	}
	memset(session, 0, sizeof(*session));
}

/* Chunks are not frames and frames are not messages: both ends are told. */
static void
receive(struct libwebsocket *wsi, struct session *session,
	const unsigned char *in, size_t len)
{
	bool frame_ends = !libwebsockets_remaining_packet_payload(wsi);
	bool message_ends = frame_ends && libwebsocket_is_final_fragment(wsi);
	size_t n;

	if (session->summing) {
		for (n = 0; n < len; n++)
			session->told = session->told << 8 | in[n];
		session->told_len += len;
		if (message_ends)
			compare(session);
		return;
	}
	session->sum += sum_of(in, len);
	session->total += len;
	session->fragments += frame_ends;
	session->summing = message_ends;
}

static void
connect_failed(const char *reason, size_t len)
{
	char why[256];

	snprintf(why, sizeof(why), "%.*s", (int)len, reason ? reason : "");
	fprintf(stderr, "Client connect to server failed%s%s\n",
		why[0] ? ": " : "", printable(why));
	client.over = true;
}

static int
veto_extension(const char *name)
{
	if (strcmp(name, "deflate-stream"))
		return 0;
	fprintf(stderr, "denied deflate-stream extension\n");
	return 1;
}

static int
client_callback(struct libwebsocket_context *context,
		struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user,
		void *in, size_t len)
{
	(void)context;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
		return veto_extension(in);
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		show_handshake(wsi);
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		fprintf(stderr, "client connects to server\n");
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		connect_failed(in, len);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		receive(wsi, user, in, len);
		break;
	case LWS_CALLBACK_CLOSED:
		client.over = true;
		break;
	default:
		break;
	}
	return 0;
}

/* ---- both ---- */

static struct libwebsocket_protocols protocols[] = {
	{ .name = "fraggle-protocol", .callback = server_callback,
	  .per_session_data_size = sizeof(struct session) },
	{ .name = NULL }
};

static int
run(struct libwebsocket_context *context)
{
	int n = 0;

	if (options.client &&
	    !libwebsocket_client_connect(context, options.address,
					 options.port, options.ssl ? 2 : 0,
					 "/", options.address, "origin",
					 protocols[0].name, options.version))
		connect_failed(NULL, 0);
	while (n >= 0 && !client.over && !stopping())
		n = libwebsocket_service(context, 1000);
	if (!options.client)
		return n < 0;
	say_goodbye(context);
	return client.wrong || !client.correct;
}

/* ---- the command line ---- */

/* Take one option: -1, or the status to end the program with. */
static int
take_option(int letter, int argc, char **argv)
{
	bool good = true;

	switch (letter) {
	case 'h':
		return program_help(&program);
	case 'V':
		return program_version(&program);
	case OPTION_VERSION:
		return program_version_option(&program, argc, argv,
					      &options.version);
	case 'v':
		good = parse_ws_version(optarg, &options.version);
		break;
	case 'd':
		good = parse_int("log level", optarg, 0, 0xffff,
				 &options.debug);
		break;
	case 'p':
		good = parse_int("port", optarg, 1, 65535, &options.port);
		break;
	case 's':
		options.ssl = true;
		break;
	case 'k':
		options.killmask = true;
		break;
	case 'i':
		options.iface = optarg;
		break;
	case 'c':
		options.client = true;
		break;
	default:
		good = false;
	}
	return good ? -1 : program_misuse(&program);
}

/* What was asked for must be possible: -1, or the status to end with. */
static int
check_possible(void)
{
	if (options.ssl && !built_with_tls()) {
		fprintf(stderr, PROGRAM ": --ssl: this build has no TLS\n");
		return 1;
	}
	if (options.client && !options.version) {
		fprintf(stderr, PROGRAM ": WebSocket version 76 has neither "
			"fragments nor binary messages\n");
		return 1;
	}
	return -1;
}

static int
parse(int argc, char **argv)
{
	int letter, status = -1;

	while (status < 0 && (letter = getopt_long(argc, argv, "hVv:d:p:ski:c",
						   long_options, NULL)) >= 0)
		status = take_option(letter, argc, argv);
	if (status >= 0)
		return status;
	if (options.client && optind == argc) {
		fprintf(stderr, "Must give address of server\n");
		return program_misuse(&program);
	}
	if (options.client)
		options.address = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, PROGRAM ": unexpected argument '%s'\n",
			argv[optind]);
		return program_misuse(&program);
	}
	return check_possible();
}

#ifndef INSTALL_DATADIR
#define INSTALL_DATADIR "/usr/local/share"
#endif
#define TEST_CERT INSTALL_DATADIR "/libwebsockets-test-server/" \
				  "libwebsockets-test-server"

static struct libwebsocket_context *
open_context(void)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.port = options.client ? CONTEXT_PORT_NO_LISTEN : options.port;
	info.iface = options.iface;
	info.protocols = protocols;
	info.extensions = built_extensions(true);
	info.gid = -1;
	info.uid = -1;
	if (options.killmask)
		info.options |= LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK;
	if (options.client)
		protocols[0].callback = client_callback;
	if (options.ssl && !options.client) {
		info.ssl_cert_filepath = TEST_CERT ".pem";
		info.ssl_private_key_filepath = TEST_CERT ".key.pem";
	}
	return libwebsocket_create_context(&info);
}

static void
say_what_we_do(void)
{
	if (built_with_tls())
		fprintf(stderr, "Compiled with SSL support, %susing it\n",
			options.ssl ? "" : "not ");
	else
		fprintf(stderr, "Compiled without SSL support\n");
	if (options.client)
		fprintf(stderr, "Client mode\nConnecting to %s:%u\n",
			options.address, (unsigned int)options.port);
	else
		fprintf(stderr, "Listening on port %d\n", options.port);
}

int
main(int argc, char **argv)
{
	struct libwebsocket_context *context;
	int status = parse(argc, argv);

	if (status >= 0)
		return status;
	program_banner(&program, stderr);
	say_what_we_do();
	lws_set_log_level(options.debug, NULL);
	raise_descriptor_limit();
	stop_on_signals();
	context = open_context();
	if (!context) {
		fprintf(stderr, "libwebsocket init failed\n");
		return -1;
	}
	random_seed(context);
	stop_wakes(context);
	status = run(context);
	stop_wakes(NULL);
	fprintf(stderr, "Terminating...\n");
	libwebsocket_context_destroy(context);
	return status;
}
