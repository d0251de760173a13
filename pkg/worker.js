// The worker of an engine, an embedder or a generator.

import { freeHandle, handlers } from "./handlers.js";
import { serve } from "./serve.js";

serve(handlers, freeHandle);
