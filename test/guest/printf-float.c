// build(o0): -O0 -lm
// build(o1): -O1 -lm
// build(o2): -O2 -lm
// build(o3): -O3 -lm
// Formatting and floating point: printf and strtod in all their widths, libm, conversions, comparisons with NaN, rounding modes.
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double values[] = {0.0, -0.0, 1.0, -1.5, 3.141592653589793, 1e-300, 1e300, 123456789.125, 4.9e-324, DBL_MAX, DBL_MIN, 0.1, 2.5, 3.5};

int main(void) {
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    double v = values[i];
    printf("%g %.17g %a %10.3f|%-12.2e|%+G %Lg %d\n", v, v, v, v < 1e20 ? v : 1.0, v, v, (long double)v, (int)(fabs(v) < 1e9 ? v : 0));
    printf("  sqrt %.15g exp %.15g log %.12g sin %.15g pow %.12g fma %.15g\n", sqrt(fabs(v)), exp(fmin(v, 700.0)), log(fabs(v)), sin(v),
           pow(fabs(v), 0.25), fma(v, 1.0 / 3, 1.0));
    printf("  floor %g ceil %g round %g rint %g trunc %g mod %g atan2 %.15g\n", floor(v), ceil(v), round(v), rint(v), trunc(v), fmod(v, 0.7),
           atan2(v, 2.0));
  }
  float f = 16777217.0f, tiny = 1e-45f;
  printf("%.9g %.9g %.9g %a\n", f, tiny, 1.0f / 3.0f, tiny);
  volatile double zero = 0.0;
  double nan = zero / zero, inf = 1 / zero;
  printf("nan %d %d %d inf %g %d\n", nan == nan, nan < 1, !(nan >= 1), -inf, isinf(inf));
  int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    volatile double one = 1, three = 3;
    feclearexcept(FE_ALL_EXCEPT);
    double q = one / three;
    printf("mode %d %.20g %.20g rint %g flags %x\n", i, q, -one / three, rint(-2.5), fetestexcept(FE_ALL_EXCEPT));
  }
  fesetround(FE_TONEAREST);
  feclearexcept(FE_ALL_EXCEPT);
  volatile double big = DBL_MAX, small = DBL_MIN;
  double r = big * 2;
  printf("overflow %g %x\n", r, fetestexcept(FE_ALL_EXCEPT));
  feclearexcept(FE_ALL_EXCEPT);
  r = small / 3;
  printf("underflow %g %x\n", r, fetestexcept(FE_ALL_EXCEPT));
  const char *numbers[] = {"1e10", "0x1.8p3", "-.5e-3x", "inf", "nan", "123456789012345678901234567890", "2.2250738585072011e-308"};
  for (int i = 0; i < 7; i++) {
    char *end;
    double d = strtod(numbers[i], &end);
    printf("%s -> %.17g rest '%s'\n", numbers[i], d, end);
  }
  printf("%08x %#o %+d %5s|%-5s|%c %% %p %" PRId64 " %llu %hhd %n\n", 0xbeefu, 8, 5, "ab", "cd", 'z', (void *)0x1234, INT64_MIN,
         (unsigned long long)UINT64_MAX, (signed char)200, &(int){0});
  printf("%lld %lld %u %u\n", (long long)-1e18, (long long)9.99e17, (unsigned)4e9, (unsigned)(float)3e9);
  __int128 wide = (__int128)INT64_MAX * 12345;
  printf("%" PRId64 " %" PRIu64 " %" PRId64 "\n", (int64_t)(wide >> 64), (uint64_t)wide, (int64_t)(wide / 1000003));
  return 0;
}
