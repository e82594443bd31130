#line 1 "/etc/[31mshadow<script>alert(1)</script>,=cmd|' /C calc'!A0"
#pragma message "]0;owned Â… â€® ÿþ ]]> &lt; \"; DROP"
_Pragma("GCC warning \"=HYPERLINK(1)\"")
int x = nothing_of_that_name;
