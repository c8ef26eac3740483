// The numeric kernel `inference` by ONNX Runtime, from network.onnx; the other kernels are those of numeric.js.

import { fileURLToPath } from 'node:url';

import ort from 'onnxruntime-node';

import { INPUTS, NUMERIC_KERNELS, scramble } from './numeric.js';

// One thread a process: more of them is what processes of the server are for.
const session = await ort.InferenceSession.create(fileURLToPath(new URL('network.onnx', import.meta.url)), {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});

export async function inference(n) {
  const inputs = new Float32Array(n * INPUTS);
  for (let i = 0; i < inputs.length; i += 1) {
    inputs[i] = scramble(20_000 + i) % 16;
  }
  const { classes } = await session.run({ inputs: new ort.Tensor('float32', inputs, [n, INPUTS]) });
  return classes.data.reduce((total, one) => total + one, 0);
}

const module = import.meta.url;

export const ONNX_KERNELS = NUMERIC_KERNELS.map((kernel) =>
  kernel.name === 'inference' ? { ...kernel, module, run: inference } : kernel,
);
