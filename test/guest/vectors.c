// build(o0): -O0 -lm
// build(o2): -O2 -ftree-vectorize -lm
// build(o3): -O3 -lm
// build(fast): -O3 -ffast-math -lm
// Loops that gcc vectorises over every element type, NEON intrinsics it would not choose itself, and a checksum of all results.
#include <arm_neon.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define N 200
static uint64_t state = 88172645463325252u;
static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
static uint64_t sum(const void *p, size_t n) {
  const unsigned char *b = p;
  uint64_t h = 1469598103934665603u;
  for (size_t i = 0; i < n; i++) h = (h ^ b[i]) * 1099511628211u;
  return h;
}
#define SHOW(x) printf("%-12s %016" PRIx64 "\n", #x, sum(x, sizeof x))

static int8_t b0[N], b1[N], b2[N];
static uint8_t u0[N], u1[N], u2[N];
static int16_t h0[N], h1[N], h2[N];
static uint16_t uh[N];
static int32_t w0[N], w1[N], w2[N];
static uint32_t uw[N];
static int64_t d0[N], d1[N], d2[N];
static float f0[N], f1[N], f2[N];
static double g0[N], g1[N], g2[N];

__attribute__((noinline)) static void integers(void) {
  for (int i = 0; i < N; i++) b2[i] = b0[i] * b1[i] + (b0[i] >> 2);
  for (int i = 0; i < N; i++) u2[i] = (u0[i] + u1[i] + 1) >> 1;
  SHOW(b2), SHOW(u2);
  for (int i = 0; i < N; i++) u2[i] = u0[i] > u1[i] ? u0[i] - u1[i] : u1[i] - u0[i];
  for (int i = 0; i < N; i++) h2[i] = h0[i] * h1[i] - h2[i];
  SHOW(u2), SHOW(h2);
  for (int i = 0; i < N; i++) w2[i] = h0[i] * h1[i];
  for (int i = 0; i < N; i++) uh[i] = (uint16_t)(w2[i] >> 7);
  SHOW(w2), SHOW(uh);
  for (int i = 0; i < N; i++) w2[i] = w0[i] < w1[i] ? w0[i] : w1[i] ^ 0x55;
  for (int i = 0; i < N; i++) uw[i] = (uint32_t)w0[i] >> (w1[i] & 31);
  SHOW(w2), SHOW(uw);
  for (int i = 0; i < N; i++) w2[i] = w0[i] << (w1[i] & 31);
  for (int i = 0; i < N; i++) d2[i] = (int64_t)w0[i] * w1[i] + d0[i];
  SHOW(w2), SHOW(d2);
  for (int i = 0; i < N; i++) d2[i] = d0[i] > d1[i] ? d0[i] : -d1[i];
  for (int i = 0; i < N; i++) d1[i] = d0[i] >> (d2[i] & 63);
  SHOW(d2), SHOW(d1);
  int64_t total = 0;
  uint32_t popcount = 0, bytes = 0;
  int32_t most = w0[0], least = w0[0];
  for (int i = 0; i < N; i++) total += w0[i];
  for (int i = 0; i < N; i++) popcount += __builtin_popcount(w0[i]);
  for (int i = 0; i < N; i++) bytes += u0[i];
  for (int i = 0; i < N; i++) most = w0[i] > most ? w0[i] : most, least = w0[i] < least ? w0[i] : least;
  printf("%" PRId64 " %u %u %d %d\n", total, popcount, bytes, most, least);
  for (int i = 0; i < N / 4; i++) w2[i] = w0[4 * i] + w0[4 * i + 1] * w0[4 * i + 2] - w0[4 * i + 3];
  for (int i = 0; i < N / 3; i++) u2[3 * i] = u0[i], u2[3 * i + 1] = u1[i], u2[3 * i + 2] = u0[i] ^ u1[i];
  for (int i = 0; i < N / 2; i++) h2[2 * i] = h0[i], h2[2 * i + 1] = h1[i];
  SHOW(w2), SHOW(u2), SHOW(h2);
}

__attribute__((noinline)) static void floats(void) {
  for (int i = 0; i < N; i++) f2[i] = f0[i] * f1[i] + f2[i];
  for (int i = 0; i < N; i++) g2[i] = g0[i] * g1[i] - g2[i];
  SHOW(f2), SHOW(g2);
  for (int i = 0; i < N; i++) f2[i] = f0[i] / (f1[i] + 3.5f);
  for (int i = 0; i < N; i++) g2[i] = sqrt(fabs(g0[i])) / g1[i];
  SHOW(f2), SHOW(g2);
  for (int i = 0; i < N; i++) w2[i] = (int32_t)f0[i];
  for (int i = 0; i < N; i++) d2[i] = (int64_t)(g0[i] * 1e6);
  SHOW(w2), SHOW(d2);
  for (int i = 0; i < N; i++) f2[i] = (float)w0[i];
  for (int i = 0; i < N; i++) g2[i] = (double)d0[i];
  SHOW(f2), SHOW(g2);
  for (int i = 0; i < N; i++) g2[i] = f0[i];
  for (int i = 0; i < N; i++) f2[i] = (float)g1[i];
  SHOW(g2), SHOW(f2);
  for (int i = 0; i < N; i++) g2[i] = floor(g0[i]) + ceil(g1[i]) * trunc(g0[i]) - rint(g1[i]);
  for (int i = 0; i < N; i++) f2[i] = f0[i] > f1[i] ? f0[i] : f1[i] * 2;
  SHOW(g2), SHOW(f2);
  double s = 0;
  float m = f0[0];
  for (int i = 0; i < N; i++) s += g0[i] * g1[i];
  for (int i = 0; i < N; i++) m = f0[i] > m ? f0[i] : m;
  printf("%.17g %.9g\n", s, m);
}

#define BYTES(value) do { __typeof__(value) v_ = value; uint8_t out_[16]; memcpy(out_, &v_, 16); printf("%s ", #value); \
    for (int k_ = 0; k_ < 16; k_++) printf("%02x", out_[k_]); puts(""); } while (0)

__attribute__((noinline)) static void intrinsics(void) {
  uint8x16_t x = vld1q_u8(u0), y = vld1q_u8(u1);
  int16x8_t p = vld1q_s16(h0), q = vld1q_s16(h1);
  int32x4_t v = vld1q_s32(w0), w = vld1q_s32(w1);
  BYTES(vqaddq_u8(x, y));
  BYTES(vqsubq_u8(x, y));
  BYTES(vrhaddq_u8(x, y));
  BYTES(vqdmulhq_s16(p, q));
  BYTES(vqrdmulhq_s16(p, q));
  BYTES(vqdmull_s16(vget_low_s16(p), vget_low_s16(q)));
  BYTES(vqrshlq_s16(p, vshrq_n_s16(q, 12)));
  BYTES(vqshlq_n_s32(v, 9));
  BYTES(vcombine_u8(vqrshrun_n_s16(p, 3), vqmovun_s16(q)));
  BYTES(vqtbl4q_u8(((uint8x16x4_t){{x, y, vrev64q_u8(x), vmvnq_u8(y)}}), vandq_u8(x, vdupq_n_u8(79))));
  BYTES(vqtbx2q_u8(y, ((uint8x16x2_t){{x, y}}), x));
  BYTES(vmull_p8(vreinterpret_p8_u8(vget_low_u8(x)), vreinterpret_p8_u8(vget_low_u8(y))));
  BYTES(vcntq_u8(x));
  BYTES(vrbitq_u8(x));
  BYTES(vclzq_s32(v));
  BYTES(vclsq_s16(p));
  BYTES(vrecpeq_u32(vreinterpretq_u32_s32(v)));
  BYTES(vsriq_n_u8(x, y, 3));
  BYTES(vsliq_n_s32(v, w, 11));
  BYTES(vextq_u8(x, y, 5));
  BYTES(vmlsq_lane_s16(p, q, vget_low_s16(q), 2));
  BYTES(vaddhn_high_s16(vraddhn_s16(p, q), q, p));
  float32x4_t a = vld1q_f32(f0), b = vld1q_f32(f1);
  BYTES(vrecpeq_f32(a));
  BYTES(vrsqrteq_f32(vabsq_f32(a)));
  BYTES(vrecpsq_f32(a, b));
  BYTES(vfmaq_laneq_f32(a, b, a, 3));
  BYTES(vmaxnmq_f32(a, b));
  BYTES(vpaddq_f32(a, b));
  BYTES(vcvtaq_s32_f32(a));
  BYTES(vcvtq_n_u32_f32(vabsq_f32(b), 7));
  BYTES(vcageq_f32(a, b));
  printf("%u %d %.9g %.9g\n", vaddvq_u8(x), vmaxvq_s32(v), vmaxvq_f32(a), vaddvq_f32(b));
  uint8x16x3_t three = vld3q_u8(u0);
  vst3q_u8(u2, (uint8x16x3_t){{three.val[2], three.val[0], vaddq_u8(three.val[1], x)}});
  int16x8x4_t four = vld4q_s16(h0);
  four = vld4q_lane_s16(h1, four, 6);
  vst4q_s16(h2, four);
  uint32x4x2_t two = vld2q_dup_u32(uw);
  vst2q_u32(uw + 8, two);
  SHOW(u2), SHOW(h2), SHOW(uw);
}

int main(void) {
  for (int i = 0; i < N; i++) {
    uint64_t r = next(), s = next();
    b0[i] = r, b1[i] = r >> 8, u0[i] = r >> 16, u1[i] = r >> 24, h0[i] = s, h1[i] = s >> 16, w0[i] = r >> 32, w1[i] = s >> 32;
    d0[i] = next(), d1[i] = next();
    f0[i] = (float)(int32_t)r / 65536, f1[i] = (float)(int32_t)s / 1048576 + 0.1f, f2[i] = i;
    g0[i] = (double)(int64_t)r / 1e15, g1[i] = (double)(int64_t)s / 1e17 + 0.1, g2[i] = i;
  }
  integers();
  floats();
  intrinsics();
  return 0;
}
