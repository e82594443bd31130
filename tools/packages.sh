# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What each verb needs, and how to get it. Sourced by ./lab, which sets YES for -y, and asked by doctor.

# missing GROUP...: a line for each package of these groups that is not there: its name at Debian (and
# Ubuntu), at Fedora, at Arch, and what shows it. Builtins only: it works where nothing is installed.
missing() {
	at=${VMMLAB_ROOT:-} # doctor's tests look at made-up machines
	while read -r groups debian fedora arch probe; do
		for group in "$@"; do
			case ,$groups, in *,"$group",*) ;; *) continue ;; esac
			eval "$probe" >/dev/null 2>&1 </dev/null && break
			eval "debian=$debian"
			case $debian in *--*) break ;; esac # its compiler's version is not known yet: see need()
			printf '%s %s %s %s\n' "$debian" "$fedora" "$arch" "$probe"
			break
		done
	done <<'END'
run,doctor gcc          gcc                gcc               compiler
run,doctor make         make               make              command -v make
run,doctor binutils     binutils           binutils          command -v as && command -v ld
run,doctor libc6-dev    glibc-devel        glibc             header stdio.h
run,doctor linux-libc-dev kernel-headers   linux-api-headers header linux/kvm.h
cross   gcc-x86-64-linux-gnu gcc-x86_64-linux-gnu - command -v x86_64-linux-gnu-gcc
cross   libc6-dev-amd64-cross - - test -e "$at/usr/x86_64-linux-gnu/include/stdio.h"
run     libzydis-dev    zydis-devel        zydis             header Zydis/Zydis.h
run     libslirp-dev    libslirp-devel     libslirp          header slirp/libslirp.h
run     libseccomp-dev  libseccomp-devel   libseccomp        header seccomp.h
test    libcunit1-dev   CUnit-devel        cunit             header CUnit/CUnit.h
test    libjansson-dev  jansson-devel      jansson           header jansson.h
svm,qemu qemu-system-x86 qemu-system-x86   qemu-system-x86   command -v qemu-system-x86_64
svm,vmx xz-utils        xz                 xz                command -v xz
vmx,bochs bochs         bochs              bochs             command -v bochs
vmx,bochs bochs-term    bochs              bochs             bochs_has_term
vmx     bochsbios       bochs              bochs             test -e "$at/usr/share/bochs/BIOS-bochs-latest"
vmx     vgabios         bochs              bochs             test -e "$at/usr/share/bochs/VGABIOS-lgpl-latest"
vmx,stick grub-common   grub2-tools-extra  grub              command -v grub-mkrescue
vmx,stick grub-pc-bin   grub2-pc-modules   grub              test -d "$at/usr/lib/grub/i386-pc"
vmx,stick xorriso       xorriso            libisoburn        command -v xorriso
vmx,stick mtools        mtools             mtools            command -v mformat
debug   gdb             gdb                gdb               command -v gdb
debug   gdbserver       gdb-gdbserver      gdb               command -v gdbserver
linux   busybox-static  busybox            busybox           busybox_alone
prove   lz4             lz4                lz4               command -v lz4
prove   zstd            zstd               zstd              command -v zstd
marks   libarchive-tools bsdtar           libarchive        command -v bsdtar
marks   libxml2-utils  libxml2             libxml2           command -v xmllint
upgrade diffutils       diffutils          diffutils         command -v diff3
export,lint,prove git   git                git               command -v git
export  unifdef         unifdef            unifdef           command -v unifdef
book    python3-sphinx  python3-sphinx     python-sphinx     python_has sphinx
book    python3-myst-parser python3-myst-parser python-myst-parser python_has myst_parser
book    furo            python3-furo       python-furo       python_has furo
book    graphviz        graphviz           graphviz          command -v dot
epub    epubcheck       epubcheck          epubcheck         command -v epubcheck
lint,format clang-format clang-tools-extra clang             command -v clang-format
lint    clang-tidy      clang-tools-extra  clang             command -v clang-tidy
lint    cppcheck        cppcheck           cppcheck          command -v cppcheck
lint    shellcheck      ShellCheck         shellcheck        command -v shellcheck
marks   bubblewrap      bubblewrap         bubblewrap        command -v bwrap
marks   parallel        parallel           parallel          command -v parallel
marks   util-linux      util-linux         util-linux        command -v setpriv
marks,all libarchive-dev  libarchive-devel   libarchive        header archive.h
logins  rsync           rsync              rsync             command -v rsync
logins  openssh-client  openssh-clients    openssh           command -v ssh
prove   strace          strace             strace            command -v strace
prove   patch           patch              patch             command -v patch
prove   ccache          ccache             ccache            command -v ccache
prove   clang           clang              clang             command -v clang
prove   libclang-rt-$(of_clang)-dev compiler-rt compiler-rt links clang -fsanitize=fuzzer,address unused
prove,san libgcc-$(of_gcc)-dev libasan gcc-libs links gcc -fsanitize=address,undefined main
END
}

# It runs where there is no library.
busybox_alone() { command -v busybox && ! ldd "$(command -v busybox)"; }
# CC may be more than one word, such as "ccache gcc".
compiler() {
	compiler=${CC:-gcc}
	command -v "${compiler%% *}"
}
# The layout is that of one version of clang-format, Debian 12's: each lays out otherwise.
layout_version=14
has_layout_version() {
	case $(clang-format --version 2>&1) in *"version $layout_version."*) ;; *) return 1 ;; esac
}
want_layout() { # (another Debian's is not installed for nothing)
	command -v clang-format >/dev/null || case $(version_of clang-format) in '' | "$layout_version") need format ;; esac
	has_layout_version || die 3 "format: clang-format $layout_version is wanted (Debian 12's)," \
		"another one would lay out the whole tree otherwise"
}
# (Without a compiler, which not every verb needs, it is looked for where Debian has them.)
# shellcheck disable=SC2086
header() {
	if compiler; then printf '#include <%s>\n' "$1" | ${CC:-gcc} -E -; else test -e "$at/usr/include/$1"; fi
}
bochs_has_term() {
	set -- "$at"/usr/lib/*/bochs/plugins/*term*
	test -e "$1"
}
python_has() { # (not imported: furo alone takes half a second)
	/usr/bin/python3 -c "import importlib.util as u, sys; sys.exit(not u.find_spec('$1'))"
}
links() { # links COMPILER FLAG MAIN: does an empty program link?
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; } int MAIN(void) { return 0; }' |
		"$1" -x c "$2" "-DMAIN=$3" -o /dev/null - >/dev/null 2>&1
}
# The version of this Debian's clang or gcc, installed or not; nothing when apt has no lists yet.
version_of() {
	version=$("$1" -dumpversion 2>/dev/null) || version=$(apt-cache depends "$1" 2>/dev/null |
		sed -n "s/^ *Depends: $1-\([0-9][0-9]*\)\$/\1/p") || version=
	echo "${version%%.*}"
}
of_clang() { version_of clang; }
of_gcc() { version_of gcc; }

# The same in one line, as Debian calls them: " gcc make", or nothing.
missing_debian() { missing "$@" | while read -r package _; do printf ' %s' "$package"; done; }

# need GROUP...: install what is missing, after asking; or say what to install and end with 3. What
# belongs to a compiler has that one's version in its name, so it may take a second round.
need() {
	[ -z "${cross:-}" ] || set -- cross "$@"
	before=
	while packages=$(missing_debian "$@") && [ -n "$packages" ] && [ "$packages" != "$before" ]; do
		install_packages
		before=$packages
	done
}

install_packages() {
	command -v apt-get >/dev/null || die 3 "environment: please install what your system" \
		"calls these Debian packages:$packages"
	sudo=
	[ "$(id -u)" = 0 ] || sudo='sudo '
	[ -z "$sudo" ] || command -v sudo >/dev/null ||
		die 3 "environment: missing:$packages; root installs it by: apt-get install$packages"
	if [ -z "$YES" ]; then
		[ -t 0 ] || die 3 "environment: missing:$packages; install by:" \
			"${sudo}apt-get install$packages   (or ./lab -y $verb)"
		printf 'lab: this needs:%s\nlab: install with %sapt-get? [Y/n] ' "$packages" "$sudo" >&2
		read -r answer
		case $answer in
		n* | N*) die 3 "environment: missing:$packages" ;;
		esac
	fi
	say "installing:$packages"
	log=$(mktemp) || die 3 "environment: no room for a file in ${TMPDIR:-/tmp}"
	apt -qq update || true # a list may be out of reach that nobody needs
	# shellcheck disable=SC2086 # a list of words
	apt -qq install -y --no-install-recommends $packages || {
		tail -n 3 "$log" >&2
		rm -f "$log"
		die 3 "environment: apt-get could not install:$packages"
	}
	rm -f "$log"
}

# apt ARGUMENT...: apt-get, which waits while somebody else has one of its locks. (Its own
# DPkg::Lock::Timeout knows dpkg's lock only, and not those of the lists and of the archives.)
apt() {
	busy=
	until ${sudo}env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1 </dev/null; do
		grep -qE 'held by process|11: Resource temporarily|locked by another' "$log" || return 1
		[ -n "$busy" ] || say "apt is busy with something else; waiting for it"
		busy=1
		sleep 2
	done
}
