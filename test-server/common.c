/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * common.c - what every test program does the same way.
 *
 * Usage goes to stdout when it was asked for and to stderr after a mistake.  A
 * signal handler may do very little, so it notes the wish to stop and wakes
 * the loop, which libwebsocket_cancel_service() allows from a handler.
 */
#include "common.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#ifndef LWS_NO_DAEMONIZE
#include <syslog.h>
#endif

#define LICENCE "LGPL 2.1"

void
program_banner(const struct program *program, FILE *out)
{
	fprintf(out, "libwebsockets test %s\n"
		"(C) Copyright 2026 the libwebsockets authors"
		" licensed under " LICENCE "\n", program->role);
}

static void
print_usage(const struct program *program, FILE *out)
{
	fprintf(out, "Usage: %s%s", program->name, program->usage);
}

int
program_help(const struct program *program)
{
	print_usage(program, stdout);
	return 0;
}

int
program_version(const struct program *program)
{
	printf("%s, library version %s, licence " LICENCE "\n", program->name,
	       lws_get_library_version());
	return 0;
}

int
program_misuse(const struct program *program)
{
	print_usage(program, stderr);
	return 1;
}

bool
parse_int(const char *what, const char *text, int min, int max, int *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, hex ? 16 : 10);
	if (end == text || *end || errno || n < min || n > max) {
		fprintf(stderr, "%s '%s' is not a number from %d to %d\n",
			what, text, min, max);
		return false;
	}
	*value = (int)n;
	return true;
}

bool
parse_ws_version(const char *text, int *version)
{
	static const int known[] = { 0, 4, 5, 6, 7, 8, 13 };
	size_t n;

	if (!strcmp(text, "76"))
		text = "0";
	if (!parse_int("WebSocket version", text, -1, 255, version))
		return false;
	for (n = 0; n < ARRAY_SIZE(known); n++)
		if (*version < 0 || *version == known[n])
			return true;
	fprintf(stderr, "there is no WebSocket version %s: "
		"known are 76, 4, 5, 6, 7, 8 and 13\n", text);
	return false;
}

int
program_version_option(const struct program *program, int argc, char **argv,
		       int *ws_version)
{
	if (!optarg && optind < argc &&
	    isdigit((unsigned char)argv[optind][0]) &&
	    argv[optind][strspn(argv[optind], "0123456789")] == '\0')
		optarg = argv[optind++];
	if (optarg)
		return parse_ws_version(optarg, ws_version) ?
		       -1 : program_misuse(program);
	if (optind == argc || argv[optind][0] == '-')
		return program_version(program);
	fprintf(stderr, "--version: '%s' is not a number\n", argv[optind]);
	return program_misuse(program);
}

char *
printable(char *text)
{
	char *p;

	for (p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return text;
}

/* xorshift: any state but 0 will do, and never becomes 0 */
static uint32_t random_state = 1;

void
random_seed(struct libwebsocket_context *context)
{
	uint32_t seed;

	if (libwebsockets_get_random(context, &seed, (int)sizeof(seed)) !=
	    (int)sizeof(seed))
		seed = (uint32_t)now_ms();
	random_state = seed ? seed : 1;
}

uint32_t
random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

long long
now_ms(void)
{
	return now_us() / 1000;
}

void
ticker_start(struct ticker *ticker, int period)
{
	ticker->period = period;
	ticker->due = now_ms() + period;
}

bool
ticker_due(struct ticker *ticker)
{
	long long now = now_ms();

	if (now < ticker->due)
		return false;
	ticker->due += ticker->period;
	if (ticker->due <= now)
		ticker->due = now + ticker->period;
	return true;
}

int
ticker_left(const struct ticker *ticker)
{
	long long left = ticker->due - now_ms();

	return left > 0 ? (int)left : 0;
}

void
show_handshake(struct libwebsocket *wsi)
{
	char name[128];
	int len = lws_hdr_copy(wsi, name, (int)sizeof(name),
			       WSI_TOKEN_PROTOCOL);

	fprintf(stderr, "handshake OK for protocol %s\n",
		len > 0 ? printable(name) : len ? "(long name)" : "(none)");
}

/* milliseconds that connections have to end in good order */
#define DRAIN_MS 5000
#define GOODBYE_MS 1000

static volatile sig_atomic_t stop_asked, gently, hurry;
static struct libwebsocket_context *volatile stop_context;

static void
on_stop_signal(int number)
{
	hurry = stop_asked;
	gently = number == SIGTERM;
	stop_asked = 1;
	if (stop_context)
		libwebsocket_cancel_service(stop_context);
}

void
stop_on_signals(void)
{
	signal(SIGINT, on_stop_signal);
	signal(SIGTERM, on_stop_signal);
}

bool
stopping(void)
{
	return stop_asked;
}

static int
drain(struct libwebsocket_context *context, serve_function *serve, int ms)
{
	int n = 0;

	lws_drain(context, LWS_CLOSE_STATUS_GOINGAWAY, ms);
	while (n >= 0 && !hurry && lws_drain_left(context) > 0)
		n = serve(context, 50);
	return n;
}

int
stop_gently(struct libwebsocket_context *context, serve_function *serve)
{
	tell_manager("STOPPING=1");
	return gently && !hurry ? drain(context, serve, DRAIN_MS) : 0;
}

void
say_goodbye(struct libwebsocket_context *context)
{
	drain(context, libwebsocket_service, GOODBYE_MS);
}

void
stop_now(void)
{
	stop_asked = 1;
}

void
stop_wakes(struct libwebsocket_context *context)
{
	stop_context = context;
}

bool
built_with_tls(void)
{
#ifdef LWS_OPENSSL_SUPPORT
	return true;
#else
	return false;
#endif
}

bool
built_with_libev(void)
{
#ifdef LWS_USE_LIBEV
	return true;
#else
	return false;
#endif
}

bool
built_with_client(void)
{
#ifdef LWS_NO_CLIENT
	return false;
#else
	return true;
#endif
}

bool
built_with_server(void)
{
#ifdef LWS_NO_SERVER
	return false;
#else
	return true;
#endif
}

bool
built_with_daemonize(void)
{
#ifdef LWS_NO_DAEMONIZE
	return false;
#else
	return true;
#endif
}

struct libwebsocket_extension *
built_extensions(bool compress)
{
#ifdef LWS_NO_EXTENSIONS
	(void)compress;
	return NULL;
#else
	return compress ? libwebsocket_get_internal_extensions() : NULL;
#endif
}

const char *
absolute(const char *path, char *real)
{
	return full_path(path, real) ? real : path;
}

int
go_background(const char *lock_path, const char *ident, int log_level)
{
#ifdef LWS_NO_DAEMONIZE
	(void)lock_path;
	(void)ident;
	(void)log_level;
	return 1;
#else
	if (lws_daemonize(lock_path)) {
		fprintf(stderr, "%s: failed to daemonize\n", ident);
		return 1;
	}
	openlog(ident, LOG_PID, LOG_DAEMON);
	lws_set_log_level(log_level, lwsl_emit_syslog);
	return 0;
#endif
}
