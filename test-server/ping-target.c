/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ping-target.c - what the user means by the address of a server.
 *
 * People type what they have at hand: a name, digits of either family, with or
 * without a port, or a whole URL as RFC 6455 section 3 writes it.  A word with
 * more than one colon and no brackets is an IPv6 address.
 */
#include "ping.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common.h"

static bool
no_address(const char *word)
{
	fprintf(stderr, "'%s' is no address of a server\n", word);
	return false;
}

/* Step over a scheme; the ports are those of http and https. */
static const char *
take_scheme(const char *p, struct ping_target *target)
{
	if (!strncasecmp(p, "ws://", 5)) {
		target->scheme_port = 80;
		return p + 5;
	}
	if (!strncasecmp(p, "wss://", 6)) {
		target->scheme_port = 443;
		target->tls = true;
		return p + 6;
	}
	return p;
}

/* What follows the authority; a fragment is never sent. */
static bool
take_path(const char *p, struct ping_target *target)
{
	size_t len = strcspn(p, "#");
	int n = snprintf(target->path, sizeof(target->path), "%s%.*s",
			 *p == '/' ? "" : "/", (int)len, p);

	return n > 0 && (size_t)n < sizeof(target->path);
}

static bool
take_port(const char *p, struct ping_target *target)
{
	return parse_int("port", p, 1, 65535, &target->port);
}

static bool
copy_address(struct ping_target *target, const char *p, size_t len)
{
	if (!len || len >= sizeof(target->address))
		return false;
	memcpy(target->address, p, len);
	target->address[len] = '\0';
	return true;
}

/* name, name:port, ::1, [::1], [::1]:port */
static bool
take_authority(const char *word, const char *text, struct ping_target *target)
{
	const char *colon = strchr(text, ':'), *end;

	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':') ||
		    !copy_address(target, text + 1, (size_t)(end - text) - 1))
			return no_address(word);
		return !end[1] || take_port(end + 2, target);
	}
	if (colon && strchr(colon + 1, ':'))	/* IPv6 without brackets */
		colon = NULL;
	end = colon ? colon : text + strlen(text);
	if (!copy_address(target, text, (size_t)(end - text)))
		return no_address(word);
	return !colon || take_port(colon + 1, target);
}

bool
ping_target_parse(const char *word, struct ping_target *target)
{
	const char *text, *path;
	char authority[300];
	size_t len;
	bool ipv6;

	memset(target, 0, sizeof(*target));
	text = take_scheme(word, target);
	len = strcspn(text, "/?#");
	path = text + len;
	if (!len || len >= sizeof(authority))
		return no_address(word);
	memcpy(authority, text, len);
	authority[len] = '\0';
	if (!take_path(path, target))
		return no_address(word);
	if (!take_authority(word, authority, target))
		return false;

	/* as typed, but an IPv6 address needs brackets in a Host header */
	ipv6 = *authority != '[' && strchr(target->address, ':');
	snprintf(target->host, sizeof(target->host), ipv6 ? "[%s]" : "%s",
		 ipv6 ? target->address : authority);
	return true;
}
