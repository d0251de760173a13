// The worker of an engine, an embedder or a generator.

import { freeHandle, handlers } from "./handlers.js";
import { withModule } from "./module.js";
import { serve } from "./serve.js";

serve(withModule(handlers), freeHandle);
