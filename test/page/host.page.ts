// The page as the browser host serves it: isolated, able to compile WebAssembly, and unable to evaluate text or reach another address.
import { expect, test } from '../support/page.ts';

test('the window is cross-origin isolated and the console stays clean', async ({ page, host }) => {
  await page.goto(host.address);
  await expect(page).toHaveTitle(/Trapline/);
  expect(await page.evaluate(() => ({ isolated: crossOriginIsolated, shared: typeof SharedArrayBuffer }))).toEqual({
    isolated: true,
    shared: 'function',
  });
});

test('WebAssembly compiles; evaluated text and other addresses are refused', async ({ page, host, complaints }) => {
  await page.goto(host.address);
  const tried = await page.evaluate(async () => {
    const attempt = async (work: () => unknown): Promise<string> => {
      try {
        await work();
        return 'allowed';
      } catch (error) {
        return (error as Error).name;
      }
    };
    return {
      wasm: await attempt(() => new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))),
      fetch: await attempt(() => fetch('http://127.0.0.1:9/')),
      // A page's own script may not evaluate text; the tester's evaluate() is exempt, so a timer does it.
      text: await new Promise((done) => {
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
        setTimeout(() => done('allowed'), 2000);
        const script = document.createElement('script');
        script.textContent = 'window.evaluated = true';
        document.body.append(script);
      }),
    };
  });
  expect(tried.wasm).toBe('allowed');
  expect(tried.fetch).toBe('TypeError');
  expect(tried.text).not.toBe('allowed');
  expect(complaints.length).toBeGreaterThan(0);
  complaints.length = 0;
});
