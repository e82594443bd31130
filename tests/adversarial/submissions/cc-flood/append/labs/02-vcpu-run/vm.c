#define E0 undeclared_0
#define T(x) int f##x(void) { return undeclared_##x; }
#define T10(x) T(x##0) T(x##1) T(x##2) T(x##3) T(x##4) T(x##5) T(x##6) T(x##7) T(x##8) T(x##9)
#define T100(x) T10(x##0) T10(x##1) T10(x##2) T10(x##3) T10(x##4) T10(x##5) T10(x##6) T10(x##7) T10(x##8) T10(x##9)
T100(1) T100(2) T100(3) T100(4) T100(5) T100(6) T100(7) T100(8) T100(9)
