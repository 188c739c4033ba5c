#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# What make install leaves behind is all that an application needs, and nothing
# is visible in it that libwebsockets.h does not declare.
#
# Run by make check, which tells in the environment what was configured.

top=$(cd "$top_builddir" && pwd) || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
root=$work/root
status=0

fault() {
	echo "install.sh: $*" >&2
	status=1
}

# installed DIRECTORY NAME...: each is there, with something in it.
installed() {
	dir=$1
	shift
	for name; do
		[ -s "$root$dir/$name" ] || fault "$dir/$name is not installed"
	done
}

# A caller's make may have given options that concern its own targets only.
unset MAKEFLAGS MFLAGS MAKELEVEL TESTS
if ! ${MAKE:-make} -s -C "$top" install DESTDIR="$root" \
		>"$work/log" 2>&1; then
	cat "$work/log" >&2
	fault "make install fails"
	exit 1
fi

# ---- the files ----

installed "$includedir" libwebsockets.h lws_config.h
installed "$libdir" pkgconfig/libwebsockets.pc
[ "$static" = no ] || installed "$libdir" libwebsockets.a
for name in $programs; do
	installed "$bindir" "libwebsockets-test-$name"
done
case " $programs " in
*" server "*)
	installed "$datadir/libwebsockets-test-server" \
		test.html favicon.ico libwebsockets.org-logo.png leaf.jpg
	;;
esac
[ "$certificate" = no ] ||
	installed "$datadir/libwebsockets-test-server" \
		libwebsockets-test-server.pem \
		libwebsockets-test-server.key.pem
[ "$(find "$root$includedir" -name '*.h' | wc -l)" -eq 2 ] ||
	fault "more headers than two are installed"

# ---- the names ----

# Every name that the installed header declares as public, whatever the build.
declared() {
	echo '#include <libwebsockets.h>' |
		$CC -E -P -DLWS_VISIBLE=LWS_IS_PUBLIC -I"$root$includedir" - |
		tr '\n;{}' ' \n\n\n' |
		sed -n '/LWS_IS_PUBLIC/{
			s/.*LWS_IS_PUBLIC//
			s/[[(=].*//
			s/[^A-Za-z0-9_]*$//
			s/.*[^A-Za-z0-9_]//
			p
		}' | LC_ALL=C sort -u
}

# Every name that the shared library offers; a version node is of type A.
offered() {
	nm -D --defined-only "$1" | awk '$2 != "A" {
		sub(/@.*/, "", $3)
		print $3
	}' | LC_ALL=C sort -u
}

so=$root$libdir/libwebsockets.so
if [ "$shared" = yes ] && [ -e "$so" ]; then
	installed "$libdir" libwebsockets.so.100
	declared >"$work/declared"
	offered "$so" >"$work/offered"
	[ -s "$work/declared" ] || fault "no declaration found in the header"
	for name in $(comm -13 "$work/declared" "$work/offered"); do
		fault "$name is visible and not in libwebsockets.h"
	done
	for name in $(comm -23 "$work/declared" "$work/offered"); do
		fault "$name is in libwebsockets.h and not in the library"
	done
	if grep -q '^#define LWS_NO_FORK' "$root$includedir/lws_config.h"; then
		for name in $(nm -D --undefined-only "$so" |
			sed -n 's/^ *U \(v*fork\|prctl\)\(@.*\)*$/\1/p'); do
			fault "a build without fork refers to $name()"
		done
		for name in libwebsockets_fork_service_loop lws_daemonize; do
			! grep -q "^$name$" "$work/offered" "$work/declared" ||
				fault "a build without fork has $name()"
		done
	fi
	if command -v readelf >/dev/null 2>&1; then
		readelf -d "$so" | grep -q 'SONAME.*\[libwebsockets\.so\.100\]' ||
			fault "the soname is not libwebsockets.so.100"
	fi
elif [ "$shared" = yes ] && [ "$(uname -s)" = Linux ]; then
	fault "$libdir/libwebsockets.so is not installed"
fi

# ---- an application ----

cat >"$work/app.c" <<'APP'
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

static int
serve(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)context;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

int
main(void)
{
	static struct libwebsocket_protocols protocols[2];
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	protocols[0].name = "none";
	protocols[0].callback = serve;
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	context = libwebsocket_create_context(&info);
	if (!context)
		return 1;
	libwebsocket_context_destroy(context);
	puts(lws_get_library_version());
	return 0;
}
APP

PKG_CONFIG_PATH=$root$libdir/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_ALLOW_SYSTEM_CFLAGS \
	PKG_CONFIG_ALLOW_SYSTEM_LIBS
unset LD_LIBRARY_PATH

# run HOW: app starts and says its version, unless it is for another machine.
run() {
	[ "$cross_compiling" = yes ] && return
	LD_LIBRARY_PATH=$root$libdir "$work/app" >"$work/said" 2>"$work/err" &&
		grep -q '^[0-9][0-9.]* ' "$work/said" || {
		cat "$work/said" "$work/err" >&2
		fault "an application linked $1 does not run"
	}
}

# build HOW FLAGS...: unquoted are what pkg-config and the user give.
build() {
	how=$1
	shift
	rm -f "$work/app"
	if $CC $CFLAGS -o "$work/app" "$work/app.c" "$@" $LDFLAGS \
			>"$work/log" 2>&1; then
		run "$how"
	else
		cat "$work/log" >&2
		fault "an application cannot be linked $how"
	fi
}

# Does the machine have a libc to link with statically?
static_works() {
	echo 'int main(void) { return 0; }' >"$work/probe.c"
	$CC $CFLAGS -static -o "$work/probe" "$work/probe.c" $LDFLAGS \
		>/dev/null 2>&1
}

pkg=${PKG_CONFIG:-pkg-config}
if command -v "$pkg" >/dev/null 2>&1; then
	"$pkg" --exists libwebsockets || fault "pkg-config does not find us"
	[ "$shared" = no ] ||
		build shared $("$pkg" --cflags --libs libwebsockets)
	if [ "$static" = yes ]; then
		flags=$("$pkg" --static --cflags --libs libwebsockets)
		if static_works; then
			build statically -static $flags
		else
			rm -f "$so" "$root$libdir"/libwebsockets.so.*
			build "with the archive" $flags
		fi
	fi
else
	echo "install.sh: without pkg-config, applications are not linked"
fi

exit $status
