# SPDX-License-Identifier: MIT
# What each verb needs, and how to get it. Sourced by ./lab, which sets YES for -y.

# One line a package: its Debian and Ubuntu name, and a test that something like it is there.
packages() {
	case $1 in
	run) cat <<-'END' ;;
		gcc         command -v "${CC:-gcc}"
		make        command -v make
		binutils    command -v as && command -v ld
		libc6-dev   header stdio.h
		linux-libc-dev header linux/kvm.h
		libzydis-dev header Zydis/Zydis.h
		libslirp-dev header slirp/libslirp.h
	END
	test) cat <<-'END' ;;
		libcunit1-dev header CUnit/CUnit.h
		libjansson-dev header jansson.h
	END
	export) cat <<-'END' ;;
		git         command -v git
		unifdef     command -v unifdef
	END
	qemu) cat <<-'END' ;;
		qemu-system-x86 command -v qemu-system-x86_64
	END
	svm) cat <<-'END' ;;
		qemu-system-x86 command -v qemu-system-x86_64
	END
	vmx) cat <<-'END' ;;
		bochs       command -v bochs
		bochs-term  bochs_has_term
		grub-common command -v grub-mkrescue
		grub-pc-bin test -d /usr/lib/grub/i386-pc
		xorriso     command -v xorriso
		mtools      command -v mformat
	END
	book) cat <<-'END' ;;
		python3-sphinx python_has sphinx
		python3-myst-parser python_has myst_parser
		furo        python_has furo
		graphviz    command -v dot
	END
	lint) cat <<-'END' ;;
		git         command -v git
		clang-format command -v clang-format
		clang-tidy  command -v clang-tidy
		cppcheck    command -v cppcheck
		shellcheck  command -v shellcheck
	END
	prove) cat <<-'END' ;;
		git         command -v git
		patch       command -v patch
		ccache      command -v ccache
		clang       command -v clang
		libclang-rt-14-dev clang_has_fuzzer
		libgcc-12-dev gcc_has_sanitizers
	END
	esac
}

header() { printf '#include <%s>\n' "$1" | "${CC:-cc}" -E - >/dev/null 2>&1; }
bochs_has_term() { ls /usr/lib/*/bochs/plugins/*term* >/dev/null 2>&1; }
python_has() { /usr/bin/python3 -c "import $1" >/dev/null 2>&1; }
builds() { # builds COMPILER FLAG: does an empty program link?
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; } int MAIN(void) { return 0; }' |
		"$1" -x c "$2" "-DMAIN=$3" -o /dev/null - >/dev/null 2>&1
}
clang_has_fuzzer() { builds clang -fsanitize=fuzzer,address unused; }
gcc_has_sanitizers() { builds gcc -fsanitize=address,undefined main; }

# need GROUP...: install what is missing, after asking; or say what to install and end with 3.
need() {
	missing=
	for group in "$@"; do
		while read -r package probe; do
			eval "$probe" >/dev/null 2>&1 || missing="$missing $package"
		done <<-END
			$(packages "$group")
		END
	done
	[ -n "$missing" ] || return 0
	install_packages
}

install_packages() {
	command -v apt-get >/dev/null || die 3 "environment: please install what your system" \
		"calls these Debian packages:$missing"
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	if [ -z "$YES" ]; then
		[ -t 0 ] || die 3 "environment: missing:$missing; install by:" \
			"$sudo apt-get install$missing   (or ./lab -y $verb)"
		printf 'lab: this needs:%s\nlab: install with %s apt-get? [Y/n] ' "$missing" "$sudo" >&2
		read -r answer
		case $answer in
		n* | N*) die 3 "environment: missing:$missing" ;;
		esac
	fi
	say "installing:$missing"
	log=$(mktemp)
	{
		$sudo apt-get -qq update
		# shellcheck disable=SC2086 # a list of words
		DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq install -y \
			--no-install-recommends $missing
	} >"$log" 2>&1 </dev/null || {
		tail -n 3 "$log" >&2
		rm -f "$log"
		die 3 "environment: apt-get could not install:$missing"
	}
	rm -f "$log"
}
