// The worker of an engine, an embedder or a generator.

import { calls, closeHandle } from "./calls.js";
import { serve } from "./serve.js";

serve(calls, closeHandle);
